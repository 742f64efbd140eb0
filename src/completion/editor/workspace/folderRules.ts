import * as vscode from "vscode";
import { foldersOf, IgnoreRules } from "../../core/workspace/ignoreRules";
import { worthReading } from "../../core/workspace/worthReading";

/** Which files of one workspace folder are read. Paths are relative to it; those of folders end with `/`. */
export class FolderRules {
  readonly #rules: IgnoreRules;
  /** Each `.gitignore` is read when a path below it is first asked for. */
  readonly #reading = new Map<string, Promise<void>>();

  constructor(private readonly folder: vscode.Uri) {
    this.#rules = new IgnoreRules([...excludes("files", folder), ...excludes("search", folder)]);
  }

  /** Whether a file or folder may be read, and all folders that it is in. */
  async admits(path: string): Promise<boolean> {
    for (const folder of foldersOf(path).slice(1)) if (!(await this.admitsWithin(folder))) return false;
    return this.admitsWithin(path);
  }

  /** {@link admits}, when the folders that it is in are known to be admitted. */
  async admitsWithin(path: string): Promise<boolean> {
    if (!path.endsWith("/") && !worthReading(path)) return false;
    for (const folder of foldersOf(path)) await this.#readGitignore(folder);
    return !this.#rules.ignores(path);
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
    const uri = vscode.Uri.joinPath(this.folder, folder, ".gitignore");
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
