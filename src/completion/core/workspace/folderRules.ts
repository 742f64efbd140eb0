import type { FolderAccess } from "./folderAccess";
import { foldersOf, IgnoreRules } from "./ignoreRules";
import { worthReading } from "./worthReading";

/** Which files of one workspace folder are read. Paths are those of {@link FolderAccess}. */
export class FolderRules {
  readonly #access: Pick<FolderAccess, "read">;
  readonly #rules: IgnoreRules;
  readonly #folders = new Map<string, Promise<boolean>>();
  /** Each `.gitignore` is read when a path below it is first asked for. */
  readonly #reading = new Map<string, Promise<void>>();

  /** @param excludes globs in the syntax of `files.exclude` */
  constructor(access: Pick<FolderAccess, "read">, excludes: readonly string[]) {
    this.#access = access;
    this.#rules = new IgnoreRules(excludes);
  }

  /** Whether a file or folder may be read, and all folders that it is in. */
  async admits(path: string): Promise<boolean> {
    const folder = foldersOf(path).at(-1);
    return (!folder || (await this.#admitsFolder(folder))) && this.admitsWithin(path);
  }

  /** {@link admits}, when the folders that it is in are known to be admitted. */
  async admitsWithin(path: string): Promise<boolean> {
    if (!path.endsWith("/") && !worthReading(path)) return false;
    for (const folder of foldersOf(path)) await this.#readGitignore(folder);
    return !this.#rules.ignores(path);
  }

  /** Whether a file is ignored, or a folder that it is in, whatever the file is. */
  async ignores(path: string): Promise<boolean> {
    for (const folder of foldersOf(path)) {
      await this.#readGitignore(folder);
      if (folder !== "" && this.#rules.ignores(folder)) return true;
    }
    return this.#rules.ignores(path);
  }

  #admitsFolder(folder: string): Promise<boolean> {
    let admitted = this.#folders.get(folder);
    if (!admitted) {
      admitted = this.admits(folder);
      this.#folders.set(folder, admitted);
    }
    return admitted;
  }

  #readGitignore(folder: string): Promise<void> {
    let reading = this.#reading.get(folder);
    if (!reading) {
      reading = this.#addGitignore(folder);
      this.#reading.set(folder, reading);
    }
    return reading;
  }

  async #addGitignore(folder: string): Promise<void> {
    try {
      this.#rules.addGitignore(folder, new TextDecoder().decode(await this.#access.read(`${folder}.gitignore`)));
    } catch {
      // Most folders have none.
    }
  }
}
