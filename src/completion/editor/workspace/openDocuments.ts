import * as vscode from "vscode";
import type { IndexClient } from "../../core/workspace/client";
import { changesOfBeginning } from "../../core/workspace/sentText";
import { mostFileBytes } from "../../core/workspace/text";

/** Characters that are read of a document and sent at once: of a megabyte, that would take longer than a keystroke may wait. */
const sliceLength = 1 << 16;

/** A document of the index. */
interface Indexed {
  /** The line breaks that it had: a change of these is no change of text. */
  readonly eol: vscode.EndOfLine;
  /** Characters that were sent; infinite once that is all of them. */
  sent: number;
  /** Sends the next slice. */
  next?: ReturnType<typeof setTimeout>;
}

export interface OpenDocumentsOptions {
  readonly index: IndexClient;
  /** Whether a document's text may be indexed. */
  readonly admits: (document: vscode.TextDocument) => Promise<boolean>;
  /** A document of the index was closed: its file counts again. */
  readonly onClosed: (uri: vscode.Uri) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Keeps an index up to date with the editor, saved or not: documents that were shown, and those that were edited without being shown. */
export class OpenDocuments implements vscode.Disposable {
  readonly #options: OpenDocumentsOptions;
  readonly #indexed = new Map<vscode.TextDocument, Indexed>();
  /** Documents that are not indexed. They are looked at again when they are shown again, not at each edit. */
  readonly #refused = new WeakSet<vscode.TextDocument>();
  readonly #subscriptions: readonly vscode.Disposable[];

  constructor(options: OpenDocumentsOptions) {
    this.#options = options;
    for (const { document } of vscode.window.visibleTextEditors) this.#add(document);
    for (const notebook of vscode.workspace.notebookDocuments) this.#addCells(notebook);
    this.#subscriptions = [
      vscode.workspace.onDidOpenNotebookDocument((notebook) => this.#addCells(notebook)),
      vscode.window.onDidChangeVisibleTextEditors((editors) => editors.forEach(({ document }) => this.#add(document))),
      vscode.workspace.onDidChangeTextDocument((event) => this.#follow(event)),
      vscode.workspace.onDidCloseTextDocument((document) => this.#close(document)),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    for (const { next } of this.#indexed.values()) clearTimeout(next);
  }

  #addCells(notebook: vscode.NotebookDocument): void {
    for (const { document } of notebook.getCells()) this.#add(document);
  }

  #add(document: vscode.TextDocument): void {
    if (this.#indexed.has(document)) this.#options.index.update({ kind: "visit", uri: document.uri.toString() });
    else void this.#addIfAdmitted(document).catch(this.#options.onFailure);
  }

  async #addIfAdmitted(document: vscode.TextDocument): Promise<void> {
    const isAdmitted = await this.#options.admits(document);
    if (document.isClosed || this.#indexed.has(document)) return;
    if (isAdmitted) this.#open(document);
    else this.#refused.add(document);
  }

  #open(document: vscode.TextDocument): void {
    // What is too large for the index is not copied out of the editor either.
    if (document.offsetAt(document.lineAt(document.lineCount - 1).range.end) > mostFileBytes) {
      this.#refused.add(document);
      return;
    }
    clearTimeout(this.#indexed.get(document)?.next);
    const indexed: Indexed = { eol: document.eol, sent: 0 };
    this.#indexed.set(document, indexed);
    this.#send("open", document, indexed);
  }

  #send(kind: "open" | "append", document: vscode.TextDocument, indexed: Indexed): void {
    const start = document.positionAt(indexed.sent);
    const end = document.positionAt(indexed.sent + sliceLength);
    const text = document.getText(new vscode.Range(start, end));
    const isLast = end.isEqual(document.lineAt(document.lineCount - 1).range.end);
    indexed.sent = isLast ? Infinity : document.offsetAt(end);
    this.#options.index.update({ kind, uri: document.uri.toString(), text });
    if (!isLast) indexed.next = setTimeout(() => this.#send("append", document, indexed));
  }

  #follow({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const indexed = this.#indexed.get(document);
    if (!indexed) {
      if (contentChanges.length > 0 && !this.#refused.has(document)) this.#add(document);
    } else if (indexed.eol !== document.eol) this.#open(document);
    else if (contentChanges.length > 0) {
      const all = contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
        offset: rangeOffset,
        length: rangeLength,
        text,
      }));
      const { changes, length } = changesOfBeginning(indexed.sent, all);
      indexed.sent = length;
      if (changes.length > 0) this.#options.index.update({ kind: "edit", uri: document.uri.toString(), changes });
    }
  }

  #close(document: vscode.TextDocument): void {
    clearTimeout(this.#indexed.get(document)?.next);
    if (!this.#indexed.delete(document)) return;
    this.#options.index.update({ kind: "close", uri: document.uri.toString() });
    this.#options.onClosed(document.uri);
  }
}
