import * as vscode from "vscode";
import { holdsSecrets } from "../../core/secrets";
import { FolderRules } from "../../core/workspace/folderRules";
import { fileOf } from "../notebookCell";
import { excludedIn, workspaceFolder } from "./workspaceFolder";

/** A file or folder in a workspace folder. */
export interface FolderPath {
  readonly folder: vscode.Uri;
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly rules: FolderRules;
}

/** Which files of the workspace, and which open documents, are read. */
export class WorkspaceRules {
  readonly #ofFolders = new Map<string, FolderRules>();
  readonly #excludes: (folder: vscode.Uri) => readonly string[];

  /** @param excludes the globs of a folder that exclude files, besides its `.gitignore` files; the settings' unless given */
  constructor(excludes: (folder: vscode.Uri) => readonly string[] = excludedIn) {
    this.#excludes = excludes;
  }

  of(folder: vscode.Uri): FolderRules {
    const key = folder.toString();
    let rules = this.#ofFolders.get(key);
    if (!rules) {
      rules = new FolderRules(workspaceFolder(folder), this.#excludes(folder));
      this.#ofFolders.set(key, rules);
    }
    return rules;
  }

  /** Where a file is in the workspace. @returns undefined for one outside */
  locate(uri: vscode.Uri): FolderPath | undefined {
    const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri;
    if (!folder) return undefined;
    const path = uri.path.slice(folder.path.length).replace(/^\//, "");
    return { folder, path, rules: this.of(folder) };
  }

  async admits(uri: vscode.Uri): Promise<boolean> {
    const located = this.locate(uri);
    return located !== undefined && (await located.rules.admits(located.path));
  }

  /** Documents that are not in the workspace are read while they are open: new ones, and files of other folders. */
  async admitsDocument(document: vscode.TextDocument): Promise<boolean> {
    const uri = fileOf(document);
    if (document.isUntitled) return true;
    if (vscode.workspace.fs.isWritableFileSystem(uri.scheme) !== true || holdsSecrets(uri.path)) return false;
    const located = this.locate(uri);
    if (!located) return true;
    // The file of a notebook is not read; its cells are, as long as it is open.
    return uri === document.uri ? located.rules.admits(located.path) : !(await located.rules.ignores(located.path));
  }
}
