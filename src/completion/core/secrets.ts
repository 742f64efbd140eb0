/** Names of files that typically hold keys and passwords. */
const secretNames = [
  /^\.env(\..*|rc)?$/,
  /\.env$/,
  /\.(pem|key|ppk|p8|p12|pfx|jks|keystore|kdbx|asc|gpg|ovpn|tfvars|tfstate)$/,
  /^id_(rsa|dsa|ecdsa|ed25519)/,
  /^\.?(htpasswd|netrc|_netrc|npmrc|pypirc|pgpass|my\.cnf|git-credentials|dockercfg)$/,
  /^(authorized_keys|known_hosts|credentials?|shadow)$/,
  /(^|[._-])(secrets?|credentials?|passwords?)\.[^.]+$/,
];

/** Folders in a home directory that programs keep their credentials in. */
const secretFolders = /(^|\/)\.(aws|azure|docker|gnupg|kube|ssh)\//;

/** Whether a file's path suggests that it holds secrets. Such a file gets no completions and never becomes context for those of other files. */
export function holdsSecrets(path: string): boolean {
  const unified = path.replaceAll("\\", "/").toLowerCase();
  const name = unified.slice(unified.lastIndexOf("/") + 1);
  return secretFolders.test(unified) || secretNames.some((secret) => secret.test(name));
}
