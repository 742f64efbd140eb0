/** Names of files that typically hold keys and passwords. */
const secretNames = [
  /^\.env(\..*)?$/,
  /\.env$/,
  /\.(pem|key|ppk|p8|p12|pfx|jks|keystore|kdbx|asc|gpg|ovpn|tfvars|tfstate)$/,
  /^id_(rsa|dsa|ecdsa|ed25519)/,
  /^\.?(htpasswd|netrc|_netrc|npmrc|pypirc|pgpass|my\.cnf|git-credentials|dockercfg)$/,
  /^(authorized_keys|known_hosts|credentials?|shadow)$/,
  /(^|[._-])(secrets?|credentials?|passwords?)\.[^.]+$/,
];

/** Whether a file's name suggests that it holds secrets. Such a file never becomes context for completing other files. */
export function holdsSecrets(path: string): boolean {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1).toLowerCase();
  return secretNames.some((secret) => secret.test(name));
}
