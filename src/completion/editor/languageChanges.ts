import * as vscode from "vscode";

/**
 * Tells when a document gets another language. The editor reports that as a close and an open of the same document, whereas a file that is opened
 * (also one that was closed before) is a new document.
 */
export class LanguageChanges implements vscode.Disposable {
  readonly #closed = new WeakSet<vscode.TextDocument>();
  readonly #changed = new vscode.EventEmitter<vscode.TextDocument>();
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions = [
    this.#changed,
    vscode.workspace.onDidCloseTextDocument((document) => this.#closed.add(document)),
    vscode.workspace.onDidOpenTextDocument((document) => {
      if (this.#closed.delete(document)) this.#changed.fire(document);
    }),
  ];

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}
