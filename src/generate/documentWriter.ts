import * as vscode from "vscode";
import { shiftOffset } from "./offset";
import { type EndEdit, endEdit } from "./textEdit";

/** Milliseconds between two edits: text appears to flow, without an edit per token. */
const editIntervalMs = 50;

/** Attempts at an edit; one fails when the document changes at the same time. */
const maxAttempts = 5;

/**
 * Writes a growing text into a document, at a position that follows edits around it. All edits are one undo step as long as nobody types or
 * saves in between: saving ends a step, and the editor lets no edit of an extension join an earlier one. Undoing one while the text is written
 * ends it.
 */
export class DocumentWriter implements Disposable {
  #offset: number;
  readonly #document: vscode.TextDocument;
  readonly #ended = new AbortController();
  readonly #subscriptions: vscode.Disposable[];
  #text = "";
  /** What of it is in the document. */
  #written = "";
  #draining: Promise<void> | undefined;

  /** @param offset where the text begins, in UTF-16 code units. */
  constructor(document: vscode.TextDocument, offset: number) {
    this.#document = document;
    this.#offset = offset;
    this.#subscriptions = [
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document !== document) return;
        // Who undoes while text is written wants it gone, and no more of it.
        if (event.reason !== undefined) this.#ended.abort();
        for (const change of event.contentChanges) this.#offset = shiftOffset(this.#offset, change);
      }),
      vscode.workspace.onDidCloseTextDocument((closed) => {
        if (closed === document) this.#ended.abort();
      }),
    ];
  }

  /** The document's address. */
  get uri(): vscode.Uri {
    return this.#document.uri;
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
    await this.#drain(true);
    if (this.#ended.signal.reason instanceof WriteRefused) throw this.#ended.signal.reason;
  }

  [Symbol.dispose](): void {
    this.#ended.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** @param isFinal whether the text no longer grows */
  async #drain(isFinal = false): Promise<void> {
    let refused = 0;
    for (;;) {
      const edit = endEdit(this.#written, this.#text, isFinal);
      if (!edit || this.#ended.signal.aborted) return;
      const text = this.#text;
      if (await this.#apply(edit)) {
        this.#written = text;
        refused = 0;
      } else if (++refused === maxAttempts) {
        this.#ended.abort(new WriteRefused());
      }
      await new Promise((resolve) => setTimeout(resolve, editIntervalMs));
    }
  }

  async #apply({ removed, inserted }: EndEdit): Promise<boolean> {
    const range = this.#rangeOf(removed);
    if (this.#document.getText(range).replaceAll("\r", "") !== removed) {
      // Somebody has changed what was to be replaced: it is theirs now.
      this.#ended.abort();
      return false;
    }
    const editor = vscode.window.visibleTextEditors.find((visible) => visible.document === this.#document);
    try {
      if (!editor) {
        const edit = new vscode.WorkspaceEdit();
        edit.replace(this.#document.uri, range, inserted);
        return await vscode.workspace.applyEdit(edit);
      }
      const follows = editor.visibleRanges.some((visible) => visible.contains(range.end));
      const { version } = this.#document;
      const done = await editor.edit((edit) => edit.replace(range, inserted), {
        undoStopBefore: this.#written === "",
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

  /** Where the end of the text is in the document. */
  #rangeOf(end: string): vscode.Range {
    const breaks = this.#document.eol === vscode.EndOfLine.CRLF ? end.split("\n").length - 1 : 0;
    const start = this.#offset - end.length - breaks;
    return new vscode.Range(this.#document.positionAt(start), this.#document.positionAt(this.#offset));
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
