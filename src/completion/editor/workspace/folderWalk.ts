import * as vscode from "vscode";
import { foldersOf } from "../../core/workspace/ignoreRules";
import type { FolderRules } from "./folderRules";

/** Walks through the files of a workspace folder that are to be read, each once. Paths are relative to it; those of folders end with `/`. */
export class FolderWalk {
  readonly #folder: vscode.Uri;
  readonly #rules: FolderRules;
  readonly #signal: AbortSignal;
  readonly #seen = new Set<string>();

  constructor(folder: vscode.Uri, rules: FolderRules, signal: AbortSignal) {
    this.#folder = folder;
    this.#rules = rules;
    this.#signal = signal;
  }

  /** All files: first those of the folder that `start` is in, then those farther away. @param start empty for no preference */
  async *from(start: string): AsyncGenerator<vscode.Uri> {
    for (const path of foldersOf(start).reverse()) {
      if (path === "" || (await this.#rules.admits(path))) yield* this.below(path);
    }
  }

  /** The files in a folder and those below it. Symbolic links are not followed: they lead to what is there already, or out of the workspace. */
  async *below(path: string): AsyncGenerator<vscode.Uri> {
    if (this.#seen.has(path) || this.#signal.aborted) return;
    this.#seen.add(path);
    const folders: string[] = [];
    for (const [name, type] of await entriesOf(vscode.Uri.joinPath(this.#folder, path))) {
      if (type === vscode.FileType.Directory) folders.push(`${path}${name}/`);
      else if (type === vscode.FileType.File && (await this.#rules.admitsWithin(path + name))) {
        yield vscode.Uri.joinPath(this.#folder, path, name);
      }
    }
    for (const folder of folders) if (await this.#rules.admitsWithin(folder)) yield* this.below(folder);
  }
}

/** A folder that cannot be read, or is gone by now, has no entries. */
async function entriesOf(folder: vscode.Uri): Promise<readonly [string, vscode.FileType][]> {
  try {
    return await vscode.workspace.fs.readDirectory(folder);
  } catch {
    return [];
  }
}
