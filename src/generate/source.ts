import * as vscode from "vscode";

/** What Generate starts from, and where its text goes. */
export interface GenerateSource {
  /** The text to continue; empty to start from nothing. Lines end in `\n`. */
  readonly prompt: string;
  readonly languageId: string;
  /** The document and the offset behind the selection, when something is selected. */
  readonly selection: { readonly document: vscode.TextDocument; readonly end: number } | undefined;
}

/**
 * The selection of the active editor, or what the person writes into an input box when nothing is selected.
 * @param given a prompt from a keybinding's arguments, in place of both.
 * @returns undefined when the person dismissed the box.
 */
export async function readSource(given: string | undefined): Promise<GenerateSource | undefined> {
  const editor = vscode.window.activeTextEditor;
  const languageId = editor?.document.languageId ?? "plaintext";
  if (given !== undefined) return { prompt: given, languageId, selection: undefined };
  if (editor && !editor.selection.isEmpty) {
    const { document, selection } = editor;
    return {
      prompt: document.getText(selection).replaceAll("\r\n", "\n"),
      languageId,
      selection: { document, end: document.offsetAt(selection.end) },
    };
  }
  const prompt = await vscode.window.showInputBox({
    title: "GPT-2: Generate",
    prompt: "The text to continue. Leave it empty to let the model start from nothing.",
    placeHolder: "Once upon a time",
  });
  return prompt === undefined ? undefined : { prompt, languageId, selection: undefined };
}
