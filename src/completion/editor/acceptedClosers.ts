import * as vscode from "vscode";
import { closersAfter, insertsClosers, type AddedClosers, type TextChange } from "../core/addedClosers";
import type { Acceptance } from "./suggestionTracker";

/** Attempts to edit: each further key makes one fail. */
const mostAttempts = 5;

const withoutUndoStops = { undoStopBefore: false, undoStopAfter: false };

/**
 * Puts the closing brackets of an accepted suggestion after the cursor, and has these typed over: the editor does so only with those that
 * it has closed itself. What is typed before they are there stays before them.
 */
export class AcceptedClosers implements vscode.Disposable {
  readonly #subscriptions: readonly vscode.Disposable[];
  #closers: (AddedClosers & { readonly document: vscode.TextDocument }) | undefined;
  /** Brackets that are to be deleted. */
  #doubled: { readonly document: vscode.TextDocument; readonly offset: number; readonly length: number } | undefined;

  constructor(onDidAccept: vscode.Event<Acceptance>) {
    this.#subscriptions = [
      onDidAccept((acceptance) => this.#accepted(acceptance)),
      vscode.workspace.onDidChangeTextDocument((event) => this.#changed(event)),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor, selections }) => this.#moved(textEditor, selections)),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #accepted({ document, offset, text, closers }: Acceptance): void {
    this.#closers = undefined;
    if (closers === "" || !closesBrackets(document)) return;
    this.#closers = { document, offset: offset + text.length, text: closers, isPresent: false };
    void this.#insert();
  }

  async #insert(): Promise<void> {
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const closers = this.#closers;
      const editor = vscode.window.activeTextEditor;
      if (!closers || closers.isPresent || editor?.document !== closers.document) break;
      if (await insertAfterCursor(editor, closers)) {
        keepCursorBefore(editor, closers);
        return;
      }
      // The change that looked like the insertion was a key.
      if (this.#closers?.isPresent) this.#closers = undefined;
    }
    if (this.#closers?.isPresent === false) this.#closers = undefined;
  }

  #changed({ document, contentChanges, reason }: vscode.TextDocumentChangeEvent): void {
    if (!this.#closers && !this.#doubled) return;
    const changes = contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
      offset: rangeOffset,
      length: rangeLength,
      text,
    }));
    const isOwn = this.#followDoubled(document, changes);
    if (isOwn || this.#closers?.document !== document || changes.length === 0) return;
    const [change, ...others] = changes;
    const closers = this.#closers;
    this.#closers = undefined;
    if (!change || others.length > 0 || reason !== undefined) return;
    if (insertsClosers(closers, change)) {
      this.#closers = { ...closers, isPresent: true };
      return;
    }
    const { left, isDoubled } = closersAfter(closers, change);
    this.#closers = left && { ...left, document };
    if (!isDoubled) return;
    const waiting = this.#doubled;
    this.#doubled = { document, offset: change.offset + 1, length: 1 + (waiting?.length ?? 0) };
    if (!waiting) void this.#deleteDoubled();
  }

  /** @returns whether the change is the deletion itself */
  #followDoubled(document: vscode.TextDocument, changes: readonly TextChange[]): boolean {
    const doubled = this.#doubled;
    if (doubled?.document !== document) return false;
    for (const { offset, length, text } of changes) {
      if (offset === doubled.offset && length === doubled.length && text === "") {
        this.#doubled = undefined;
        return true;
      }
      if (offset + length <= doubled.offset)
        this.#doubled = { ...doubled, offset: doubled.offset + text.length - length };
      else if (offset < doubled.offset + doubled.length) this.#doubled = undefined;
    }
    return false;
  }

  async #deleteDoubled(): Promise<void> {
    for (let attempt = 0; attempt < mostAttempts && this.#doubled; attempt++) {
      const { document, offset, length } = this.#doubled;
      const editor = vscode.window.activeTextEditor;
      if (editor?.document !== document) break;
      const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
      if (await editor.edit((edit) => edit.delete(range), withoutUndoStops)) return;
    }
    this.#doubled = undefined;
  }

  /** Whoever leaves the line has done with them. */
  #moved({ document }: vscode.TextEditor, [first, ...others]: readonly vscode.Selection[]): void {
    if (this.#closers?.document !== document || !first) return;
    const { line } = document.positionAt(this.#closers.offset);
    if (others.length > 0 || first.active.line !== line) this.#closers = undefined;
  }
}

/** Whether the person wants brackets to be closed. */
function closesBrackets(document: vscode.TextDocument): boolean {
  return vscode.workspace.getConfiguration("editor", document).get<string>("autoClosingBrackets") !== "never";
}

/** @returns false when a key came first */
async function insertAfterCursor(
  editor: vscode.TextEditor,
  { offset, text }: Pick<AddedClosers, "offset" | "text">,
): Promise<boolean> {
  const position = editor.document.positionAt(offset);
  // What was typed may have brackets of its own, with the cursor inside.
  if (!editor.selection.active.isEqual(position)) {
    return editor.edit((edit) => edit.insert(position, text), withoutUndoStops);
  }
  // An insertion at the cursor would move it.
  const snippet = new vscode.SnippetString().appendTabstop(0).appendText(text);
  return editor.insertSnippet(snippet, position, withoutUndoStops);
}

/** Where the accepted suggestion replaced text before the cursor, the editor puts the cursor after a snippet, whatever its tab stop. */
function keepCursorBefore(editor: vscode.TextEditor, { offset, text }: Pick<AddedClosers, "offset" | "text">): void {
  const { document, selection } = editor;
  if (!selection.isEmpty || document.offsetAt(selection.active) !== offset + text.length) return;
  const position = document.positionAt(offset);
  editor.selection = new vscode.Selection(position, position);
}
