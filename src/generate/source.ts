import * as vscode from "vscode";
import { promptPath, unixLines } from "../completion/editor/documentContext";
import { isProse, pathComment, untitledPath } from "../completion/core/languages";

/** What Generate starts from, and where its text goes. */
export interface GenerateSource {
  /** The text to continue; empty to start from nothing. Lines end in `\n`. */
  readonly prompt: string;
  /** A comment line with a path in the language's syntax, for the model only; empty for prose. */
  readonly header: string;
  readonly languageId: string;
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
  const languageId = editor?.document.languageId ?? "plaintext";
  const prompt = given ?? (await askForPrompt());
  if (prompt === undefined) return undefined;
  return { prompt, header: headerOf(untitledPath(languageId), languageId), languageId, selection: undefined };
}

function selectionOf({ document, selections }: vscode.TextEditor): GenerateSource {
  const selected = selections.filter((selection) => !selection.isEmpty).toSorted((a, b) => a.start.compareTo(b.start));
  const end = selected.at(-1)?.end ?? new vscode.Position(0, 0);
  return {
    prompt: unixLines(selected.map((selection) => document.getText(selection)).join("\n")),
    header: headerOf(promptPath(document), document.languageId),
    languageId: document.languageId,
    selection: { document, end: document.offsetAt(end) },
  };
}

function askForPrompt(): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t("GPT-2: Generate"),
    prompt: vscode.l10n.t("The text to continue. Leave it empty to let the model start from nothing."),
    placeHolder: vscode.l10n.t("For example: function fibonacci(n) {"),
  });
}

/** Without it, a model does not know which language a few lines are in. */
function headerOf(path: string, languageId: string): string {
  return isProse(languageId) ? "" : pathComment(path, languageId);
}
