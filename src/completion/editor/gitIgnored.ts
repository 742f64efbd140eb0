import * as vscode from "vscode";
import { WorkspaceRules } from "./workspace/workspaceRules";

/** Knows which files the `.gitignore` files of the workspace exclude. They are read when a file below them is first asked for. */
export class GitIgnored implements vscode.Disposable {
  #rules = rulesOfGit();
  readonly #watcher = vscode.workspace.createFileSystemWatcher("**/.gitignore");
  readonly #subscriptions: readonly vscode.Disposable[];

  constructor() {
    const forget = () => {
      this.#rules = rulesOfGit();
    };
    this.#subscriptions = [
      this.#watcher,
      this.#watcher.onDidCreate(forget),
      this.#watcher.onDidChange(forget),
      this.#watcher.onDidDelete(forget),
    ];
  }

  /** Whether a file is ignored; one outside of the workspace is not. */
  async has(file: vscode.Uri): Promise<boolean> {
    const located = this.#rules.locate(file);
    return located !== undefined && (await located.rules.ignores(located.path));
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}

function rulesOfGit(): WorkspaceRules {
  return new WorkspaceRules(() => []);
}
