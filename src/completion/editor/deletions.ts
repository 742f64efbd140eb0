import * as vscode from "vscode";

/** Knows of each document whether its last change only deleted something. */
export class Deletions implements vscode.Disposable {
  readonly #deleted = new WeakSet<vscode.TextDocument>();
  readonly #subscription = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (contentChanges.length === 0) return;
    if (contentChanges.every(({ text, rangeLength }) => text === "" && rangeLength > 0)) this.#deleted.add(document);
    else this.#deleted.delete(document);
  });

  wasLast(document: vscode.TextDocument): boolean {
    return this.#deleted.has(document);
  }

  dispose(): void {
    this.#subscription.dispose();
  }
}
