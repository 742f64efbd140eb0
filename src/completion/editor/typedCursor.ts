import * as vscode from "vscode";

/** Where a person has just typed. */
export interface TypedCursor {
  readonly document: vscode.TextDocument;
  readonly position: vscode.Position;
}

/** Observes what is typed with one cursor, as soon as the cursor is where it will be: the editor may have closed a bracket. */
export class TypedCursors implements vscode.Disposable {
  readonly #typed = new vscode.EventEmitter<TypedCursor>();
  readonly onDidType = this.#typed.event;
  readonly #subscriptions: readonly { dispose(): unknown }[];
  /** The last text that was typed, until its cursor is known. */
  #change: { readonly document: vscode.TextDocument; readonly version: number } | undefined;

  constructor() {
    this.#subscriptions = [
      this.#typed,
      vscode.workspace.onDidChangeTextDocument((event) => this.#changed(event)),
      vscode.window.onDidChangeTextEditorSelection((event) => this.#moved(event)),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #changed({ document, contentChanges, reason }: vscode.TextDocumentChangeEvent): void {
    if (contentChanges.length === 0) return;
    const isTyped = reason === undefined && contentChanges.every(isTypedText);
    this.#change = isTyped ? { document, version: document.version } : undefined;
  }

  #moved({ textEditor: { document }, selections }: vscode.TextEditorSelectionChangeEvent): void {
    const change = this.#change;
    if (change?.document !== document) return;
    this.#change = undefined;
    const [selection] = selections;
    if (change.version !== document.version || selections.length !== 1 || !selection?.isEmpty) return;
    this.#typed.fire({ document, position: selection.active });
  }
}

/** A character, a pair of brackets, or a line break with indentation. */
function isTypedText({ text, rangeLength }: vscode.TextDocumentContentChangeEvent): boolean {
  return rangeLength === 0 && (/^.{1,2}$/u.test(text) || /^\r?\n\s*$/.test(text));
}
