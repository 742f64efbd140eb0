import * as vscode from "vscode";
import { foldersOf, IgnoreRules } from "../../core/workspace/ignoreRules";
import { worthReading } from "../../core/workspace/worthReading";

/** Which files of one workspace folder are read. Paths are relative to it; those of folders end with `/`. */
export class FolderRules {
  readonly #folder: vscode.Uri;
  readonly #rules: IgnoreRules;
  readonly #folders = new Map<string, Promise<boolean>>();
  /** Each `.gitignore` is read when a path below it is first asked for. */
  readonly #reading = new Map<string, Promise<void>>();

  constructor(folder: vscode.Uri) {
    this.#folder = folder;
    this.#rules = new IgnoreRules([...excludes("files", folder), ...excludes("search", folder)]);
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
    const uri = vscode.Uri.joinPath(this.#folder, folder, ".gitignore");
    try {
      this.#rules.addGitignore(folder, new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)));
    } catch {
      // Most folders have none.
    }
  }
}

/** The globs that are switched on in an exclude setting. */
function excludes(section: "files" | "search", folder: vscode.Uri): string[] {
  const setting = vscode.workspace.getConfiguration(section, folder).get<Readonly<Record<string, unknown>>>("exclude");
  return Object.entries(setting ?? {}).flatMap(([glob, value]) => (value === true ? [glob] : []));
}
