import * as vscode from "vscode";
import type { PickAction } from "./views";

/** Puts a token's text at the cursor of an editor, and on request asks for a completion behind it. */
export async function insertToken(editor: vscode.TextEditor, text: string, use: PickAction): Promise<void> {
  const { document, selection } = editor;
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, selection.active, text);
  if (!(await vscode.workspace.applyEdit(edit))) return;
  const behind = document.positionAt(
    document.offsetAt(selection.active) + text.replaceAll(/\r?\n/g, eol(document)).length,
  );
  const { viewColumn } = editor;
  // An editor that is not shown any more has no cursor to be set: it is shown again.
  const shown = await vscode.window.showTextDocument(document, {
    ...(viewColumn !== undefined && { viewColumn }),
    preserveFocus: use === "insert",
    selection: new vscode.Range(behind, behind),
  });
  shown.selection = new vscode.Selection(behind, behind);
  if (use === "continue") await vscode.commands.executeCommand("editor.action.inlineSuggest.trigger");
}

function eol({ eol }: vscode.TextDocument): string {
  return eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n";
}
