import * as vscode from "vscode";
import { shiftOffset } from "./offset";

/** Milliseconds between two edits: a person sees text flow, and the editor is not flooded with an edit per token. */
const editInterval = 50;

/** How often an edit is tried again when the document changed under it. */
const attempts = 5;

/**
 * Writes a growing text into a document, at a place that stays where it is while the person edits around it.
 * All edits are one undo step as long as nobody types in between.
 */
export class DocumentWriter implements vscode.Disposable {
  #offset: number;
  readonly #document: vscode.TextDocument;
  readonly #ended = new AbortController();
  readonly #subscriptions: vscode.Disposable[];
  #wanted = "";
  /** Characters of {@link #wanted} that are in the document. */
  #written = 0;
  #draining: Promise<void> | undefined;

  /** @param offset where the text begins, in UTF-16 code units. */
  constructor(document: vscode.TextDocument, offset: number) {
    this.#document = document;
    this.#offset = offset;
    this.#subscriptions = [
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document !== document) return;
        for (const change of event.contentChanges) this.#offset = shiftOffset(this.#offset, change);
      }),
      vscode.workspace.onDidCloseTextDocument((closed) => {
        if (closed === document) this.#ended.abort();
      }),
    ];
  }

  /** Aborted when nothing can be written any more. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Sets the text as far as it is known: all of it each time. The document takes the document's own line endings. */
  write(text: string): void {
    this.#wanted = text.replaceAll("\r", "");
    this.#draining ??= this.#drain().finally(() => (this.#draining = undefined));
  }

  /**
   * Resolves when all of the text is in the document, or the editor was closed.
   * @throws Error when the document does not accept changes.
   */
  async finish(): Promise<void> {
    while (this.#draining) await this.#draining;
    if (this.#ended.signal.reason instanceof WriteRefused) throw this.#ended.signal.reason;
  }

  dispose(): void {
    this.#ended.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #drain(): Promise<void> {
    let refused = 0;
    while (this.#written < this.#wanted.length && !this.#ended.signal.aborted) {
      const piece = this.#wanted.slice(this.#written);
      if (await this.#insert(piece)) {
        this.#written += piece.length;
        refused = 0;
      } else if (++refused === attempts) {
        this.#ended.abort(new WriteRefused());
      }
      await new Promise((resolve) => setTimeout(resolve, editInterval));
    }
  }

  async #insert(text: string): Promise<boolean> {
    const position = this.#document.positionAt(this.#offset);
    const editor = vscode.window.visibleTextEditors.find((visible) => visible.document === this.#document);
    try {
      if (!editor) {
        const edit = new vscode.WorkspaceEdit();
        edit.insert(this.#document.uri, position, text);
        return await vscode.workspace.applyEdit(edit);
      }
      const follows = editor.visibleRanges.some((range) => range.contains(position));
      const done = await editor.edit((edit) => edit.insert(position, text), {
        undoStopBefore: this.#written === 0,
        undoStopAfter: false,
      });
      // A person who has scrolled away is left where they are.
      if (follows) this.#reveal(editor);
      return done;
    } catch {
      // The editor went away during the edit. Another try finds out whether the document did too.
      return false;
    }
  }

  #reveal(editor: vscode.TextEditor): void {
    const end = this.#document.positionAt(this.#offset);
    editor.revealRange(new vscode.Range(end, end));
  }
}

class WriteRefused extends Error {
  override readonly name = "WriteRefused";
  constructor() {
    super("The document does not accept changes; it may be read-only.");
  }
}
