import * as vscode from "vscode";
import { closeEditors, withSettings, workspaceUri } from "./support";

/** What a test changes, and undoes afterwards: settings, files and open editors. */
export class Scratch {
  readonly #files: vscode.Uri[] = [];
  readonly #settings: (() => Promise<void>)[] = [];

  /** Sets settings of the extension. */
  async set(values: Readonly<Record<string, unknown>>): Promise<void> {
    this.#settings.push(await withSettings(values));
  }

  /** Writes a file to the workspace. */
  async file(path: string, text: string): Promise<vscode.Uri> {
    const uri = vscode.Uri.joinPath(workspaceUri(), path);
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
    this.#files.push(uri);
    return uri;
  }

  async undo(): Promise<void> {
    for (const restore of this.#settings.splice(0)) await restore();
    await closeEditors();
    for (const uri of this.#files.splice(0)) await vscode.workspace.fs.delete(uri);
  }
}
