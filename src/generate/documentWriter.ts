import * as vscode from "vscode";
import { shiftOffset } from "./offset";

/** Milliseconds between two edits: text appears to flow, without an edit per token. */
const editIntervalMs = 50;

/** Attempts at an edit; one fails when the document changes at the same time. */
const maxAttempts = 5;

/**
 * Writes a growing text into a document, at a position that follows edits around it. All edits are one undo step as long as nobody types in
 * between.
 */
export class DocumentWriter implements Disposable {
  #offset: number;
  readonly #document: vscode.TextDocument;
  readonly #ended = new AbortController();
  readonly #subscriptions: vscode.Disposable[];
  #text = "";
  /** Characters of the text that are in the document. */
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

  /** Aborted when nothing more can be written. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Sets the text written so far: all of it each time. Line endings become those of the document. */
  write(text: string): void {
    this.#text = text.replaceAll("\r", "");
    this.#draining ??= this.#drain().finally(() => (this.#draining = undefined));
  }

  /**
   * Resolves when all of the text is in the document, or the document was closed.
   * @throws Error when the document does not accept changes.
   */
  async finish(): Promise<void> {
    while (this.#draining) await this.#draining;
    if (this.#ended.signal.reason instanceof WriteRefused) throw this.#ended.signal.reason;
  }

  [Symbol.dispose](): void {
    this.#ended.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #drain(): Promise<void> {
    let refused = 0;
    while (this.#written < this.#text.length && !this.#ended.signal.aborted) {
      const piece = this.#text.slice(this.#written);
      if (await this.#insert(piece)) {
        this.#written += piece.length;
        refused = 0;
      } else if (++refused === maxAttempts) {
        this.#ended.abort(new WriteRefused());
      }
      await new Promise((resolve) => setTimeout(resolve, editIntervalMs));
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
      const { version } = this.#document;
      const done = await editor.edit((edit) => edit.insert(position, text), {
        undoStopBefore: this.#written === 0,
        undoStopAfter: false,
      });
      // Somebody who has scrolled away is not scrolled back.
      if (follows) this.#reveal(editor);
      // A read-only editor reports success and changes nothing.
      return done && this.#document.version !== version;
    } catch {
      // The editor was closed during the edit. The next attempt shows whether the document was too.
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
    super(vscode.l10n.t("The document cannot be edited. It may be read-only."));
  }
}
