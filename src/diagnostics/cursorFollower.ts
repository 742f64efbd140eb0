import * as vscode from "vscode";

/** Milliseconds without a movement before the cursor counts as resting: longer than between two keys of somebody who types. */
const restMs = 250;

/** Follows the cursor of the editor that the person last worked in: when it moves, and when it has come to rest somewhere else. */
export class CursorFollower implements vscode.Disposable {
  readonly #onRest: () => void;
  readonly #onMove: () => void;
  readonly #subscriptions: vscode.Disposable[];
  #last: vscode.TextEditor | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onMove: () => void, onRest: () => void) {
    this.#onMove = onMove;
    this.#onRest = onRest;
    this.#last =
      pick(vscode.window.activeTextEditor) ?? vscode.window.visibleTextEditors.find((editor) => pick(editor));
    this.#subscriptions = [
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        // The panel itself has no text editor: while it has the focus, the last one stays.
        this.#last = pick(editor) ?? this.#last;
        this.#moved();
      }),
      vscode.window.onDidChangeTextEditorSelection((event) => {
        if (event.textEditor === this.#last) this.#moved();
      }),
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === this.#last?.document && event.contentChanges.length > 0) this.#moved();
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document !== this.#last?.document) return;
        this.#last = undefined;
        this.#moved();
      }),
    ];
  }

  /** The editor that is followed. */
  get editor(): vscode.TextEditor | undefined {
    return this.#last;
  }

  /** Where the cursor is, or undefined without an editor. */
  get position(): { readonly document: vscode.TextDocument; readonly position: vscode.Position } | undefined {
    return this.#last && { document: this.#last.document, position: this.#last.selection.active };
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #moved(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onRest, restMs);
    this.#onMove();
  }
}

/** Output and log views are text editors too, but nobody writes in them. */
function pick(editor: vscode.TextEditor | undefined): vscode.TextEditor | undefined {
  return editor && !["output", "debug"].includes(editor.document.uri.scheme) ? editor : undefined;
}
