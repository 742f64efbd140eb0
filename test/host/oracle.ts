import * as vscode from "vscode";
import { postprocess } from "../../src/completion/core/postprocess/index";
import { modelText } from "../../src/completion/core/postprocess/modelText";
import { withoutOldEnd } from "../../src/completion/core/postprocess/withoutOldEnd";
import { readCursor } from "../../src/completion/editor/documentContext";
import { itemFor } from "../../src/completion/editor/item";
import { pause, until } from "./support";
import { execute } from "./typing";

/** Suggests how `text` goes on, in the rest of the line or to its end, where it agrees with what is before the cursor. */
export class Oracle implements vscode.InlineCompletionItemProvider, vscode.Disposable {
  text = "";
  /** After so many answers it is silent, as a model that is still computing. */
  answers = Infinity;
  answered = 0;
  /** The text of the item in the suggest widget that the last answer went on from. */
  selected: string | undefined;
  readonly #registration: vscode.Disposable;

  constructor(selector: vscode.DocumentSelector = { language: "typescript" }) {
    this.#registration = vscode.languages.registerInlineCompletionItemProvider(selector, this);
  }

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
  ): Promise<vscode.InlineCompletionItem[]> {
    const cursor = readCursor(document, position, context.selectedCompletionInfo);
    if (!this.text.startsWith(cursor.before)) return [];
    while (this.answered >= this.answers) await pause(20);
    const written = modelText({ text: this.text.slice(cursor.before.length), finish: "stop" }, cursor);
    const suggestion = postprocess(written, cursor);
    if (!suggestion) return [];
    this.answered++;
    this.selected = context.selectedCompletionInfo?.text;
    return [
      itemFor(withoutOldEnd(suggestion, cursor.lineRest), cursor, document, position, context.selectedCompletionInfo),
    ];
  }

  /** Opens a document with the cursor at `¦`; the model would write what makes it `target`. */
  async open(documentWithCursor: string, target: string): Promise<vscode.TextEditor> {
    const [before = "", after = ""] = documentWithCursor.split("¦");
    const document = await vscode.workspace.openTextDocument({ content: before + after, language: "typescript" });
    const editor = await vscode.window.showTextDocument(document);
    const position = document.positionAt(before.length);
    editor.selection = new vscode.Selection(position, position);
    this.text = target;
    await pause(100);
    return editor;
  }

  /** Asks for the suggestion and waits until it can be seen. */
  async show(): Promise<void> {
    const { answered } = this;
    await execute("editor.action.inlineSuggest.trigger");
    await until("an answer", () => this.answered > answered);
    await pause(200);
  }

  /** No more answers: what is to be seen from now on was there before. */
  silence(): void {
    this.answers = 0;
  }

  dispose(): void {
    this.answers = Infinity;
    this.#registration.dispose();
  }
}

/** Accepts what is to be seen. */
export async function commit(): Promise<void> {
  await execute("editor.action.inlineSuggest.commit");
  await pause(100);
}
