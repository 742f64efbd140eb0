import * as vscode from "vscode";

/** The text editor that was active last: while the form has the focus, none is. */
export class LastEditor implements vscode.Disposable {
  #editor = vscode.window.activeTextEditor;
  readonly #subscription = vscode.window.onDidChangeActiveTextEditor((editor) => {
    if (editor) this.#editor = editor;
  });

  /** Undefined when it was closed and no other is visible. */
  get editor(): vscode.TextEditor | undefined {
    const last = this.#editor;
    const { visibleTextEditors } = vscode.window;
    return last && !last.document.isClosed ? last : visibleTextEditors.find(({ document }) => !document.isClosed);
  }

  dispose(): void {
    this.#subscription.dispose();
  }
}
