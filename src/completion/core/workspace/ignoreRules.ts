import ignore, { type Ignore } from "ignore";

/**
 * Which files of a workspace folder are not read: by the editor's exclude settings and by `.gitignore` files. Paths are relative to the
 * folder, with `/`; those of folders end with one.
 */
export class IgnoreRules {
  /** By the path of the folder that a `.gitignore` is in. */
  readonly #ofFolders = new Map<string, Ignore>();
  readonly #excluded: Ignore;

  /** @param excludes globs of `files.exclude` and `search.exclude` */
  constructor(excludes: readonly string[]) {
    this.#excluded = ignore().add(excludes.flatMap(withoutBraces).map(patternOf));
  }

  /** @param folder its path; empty for the workspace folder itself */
  addGitignore(folder: string, content: string): void {
    this.#ofFolders.set(folder, ignore().add(content));
  }

  /** Whether a file or folder is ignored. The folders that it is in are taken not to be. */
  ignores(path: string): boolean {
    if (path === ".git/" || path.endsWith("/.git/") || this.#excluded.ignores(path)) return true;
    for (const folder of foldersOf(path).reverse()) {
      const { ignored, unignored } = this.#ofFolders.get(folder)?.test(path.slice(folder.length)) ?? {};
      if (ignored) return true;
      if (unignored) return false;
    }
    return false;
  }
}

/** The folders that a file or folder is in, from the workspace folder (empty) down. */
export function foldersOf(path: string): string[] {
  const folders = [""];
  for (let end = path.indexOf("/"); end >= 0 && end < path.length - 1; end = path.indexOf("/", end + 1)) {
    folders.push(path.slice(0, end + 1));
  }
  return folders;
}

/** A glob of the editor is a pattern from the folder on; in a `.gitignore`, a slash in front says so. */
function patternOf(glob: string): string {
  return glob.startsWith("/") || glob.startsWith("**/") ? glob : `/${glob}`;
}

/** `a.{b,c}` as `a.b` and `a.c`: a `.gitignore` has no braces. */
function withoutBraces(glob: string): string[] {
  const [braces, options = ""] = /\{([^{}]*)\}/.exec(glob) ?? [];
  if (braces === undefined) return [glob];
  return options.split(",").flatMap((option) => withoutBraces(glob.replace(braces, () => option)));
}
