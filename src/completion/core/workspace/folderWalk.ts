import type { FolderAccess, FolderEntry } from "./folderAccess";
import type { FolderRules } from "./folderRules";
import { foldersOf } from "./ignoreRules";

/** Walks through the files of a workspace folder that are to be read, each once. Paths are those of {@link FolderAccess}. */
export class FolderWalk {
  readonly #access: Pick<FolderAccess, "list">;
  readonly #rules: FolderRules;
  readonly #signal: AbortSignal;
  readonly #seen = new Set<string>();

  constructor(access: Pick<FolderAccess, "list">, rules: FolderRules, signal: AbortSignal) {
    this.#access = access;
    this.#rules = rules;
    this.#signal = signal;
  }

  /** All files: first those of the folder that `start` is in, then those farther away. @param start empty for no preference */
  async *from(start: string): AsyncGenerator<string> {
    for (const path of foldersOf(start).reverse()) {
      if (path === "" || (await this.#rules.admits(path))) yield* this.below(path);
    }
  }

  /** The files in a folder and those below it. Symbolic links are not followed: they lead to what is there already, or out of the workspace. */
  async *below(path: string): AsyncGenerator<string> {
    if (this.#seen.has(path) || this.#signal.aborted) return;
    this.#seen.add(path);
    const folders: string[] = [];
    for (const { name, isFolder } of await this.#entriesOf(path)) {
      if (isFolder) folders.push(`${path}${name}/`);
      else if (await this.#rules.admitsWithin(path + name)) yield path + name;
    }
    for (const folder of folders) if (await this.#rules.admitsWithin(folder)) yield* this.below(folder);
  }

  /** A folder that cannot be read, or is gone by now, has no entries. */
  async #entriesOf(folder: string): Promise<readonly FolderEntry[]> {
    try {
      return await this.#access.list(folder);
    } catch {
      return [];
    }
  }
}
