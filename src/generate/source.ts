import * as vscode from "vscode";
import { adapterRulesFor } from "../completion/editor/adapterSetting";
import { promptPath, readCursor } from "../completion/editor/documentContext";
import { unixLines } from "../completion/editor/unixLines";
import { adapterFor } from "../completion/core/adapters";
import { allBefore } from "../completion/core/cursor";
import { promptHeader, untitledPath } from "../completion/core/languages";

/** What a text is generated after, and where it goes. */
export interface GenerateSource {
  /** The text to continue; empty to start from nothing. Lines end in `\n`. */
  readonly prompt: string;
  /** A comment line with a path in the language's syntax, for the model only; empty for prose. */
  readonly header: string;
  readonly languageId: string;
  /** The LoRA adapter for the document that the prompt is from; empty for none. */
  readonly adapter: string;
  /** The selected document, if a selection is continued, and the offset (UTF-16 units) at its end. */
  readonly selection: { readonly document: vscode.TextDocument; readonly end: number } | undefined;
}

/**
 * The selection of the active editor, or the text of an input box when nothing is selected. Several selections are joined in the order of
 * the document.
 * @param given a prompt from a keybinding's arguments, in place of both.
 * @returns undefined when the input box was dismissed.
 */
export async function readSource(given: string | undefined): Promise<GenerateSource | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (given === undefined && editor && !editor.selection.isEmpty) return selectionOf(editor);
  const prompt = given ?? (await askForPrompt());
  if (prompt === undefined) return undefined;
  const languageId = editor?.document.languageId ?? "plaintext";
  const header = promptHeader(untitledPath(languageId), languageId);
  return { prompt, header, languageId, adapter: editor ? adapterOf(editor.document) : "", selection: undefined };
}

/** The selections of an editor, joined, or no text if there are none. */
export function selectionOf({ document, selections }: vscode.TextEditor): GenerateSource {
  const selected = selections.filter((selection) => !selection.isEmpty).toSorted((a, b) => a.start.compareTo(b.start));
  const end = selected.at(-1)?.end ?? new vscode.Position(0, 0);
  return {
    prompt: unixLines(selected.map((selection) => document.getText(selection)).join("\n")),
    ...languageOf(document),
    selection: { document, end: document.offsetAt(end) },
  };
}

/** The text before a position, as much as a model can read. */
export function textBefore(
  document: vscode.TextDocument,
  position: vscode.Position,
): Omit<GenerateSource, "selection"> {
  return { prompt: allBefore(readCursor(document, position)), ...languageOf(document) };
}

function languageOf(document: vscode.TextDocument): Pick<GenerateSource, "header" | "languageId" | "adapter"> {
  const { languageId } = document;
  return { header: promptHeader(promptPath(document), languageId), languageId, adapter: adapterOf(document) };
}

function adapterOf(document: vscode.TextDocument): string {
  return adapterFor(adapterRulesFor(document), document.languageId) ?? "";
}

function askForPrompt(): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t("GPT-2: Generate"),
    prompt: vscode.l10n.t("The text to continue. Leave it empty to let the model start from nothing."),
    placeHolder: vscode.l10n.t("For example: function fibonacci(n) {"),
  });
}
