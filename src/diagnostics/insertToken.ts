import * as vscode from "vscode";
import type { PickAction } from "./views";

/** Inserts a token's text at the cursor of an editor, and for `continue` triggers a completion after it. */
export async function insertToken(editor: vscode.TextEditor, text: string, use: PickAction): Promise<void> {
  const { document, selection } = editor;
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, selection.active, text);
  if (!(await vscode.workspace.applyEdit(edit))) return;
  const end = document.positionAt(
    document.offsetAt(selection.active) + text.replaceAll(/\r?\n/g, eol(document)).length,
  );
  const { viewColumn } = editor;
  // The cursor can only be set in a visible editor.
  const shown = await vscode.window.showTextDocument(document, {
    ...(viewColumn !== undefined && { viewColumn }),
    preserveFocus: use === "insert",
    selection: new vscode.Range(end, end),
  });
  shown.selection = new vscode.Selection(end, end);
  if (use === "continue") await vscode.commands.executeCommand("editor.action.inlineSuggest.trigger");
}

function eol({ eol }: vscode.TextDocument): string {
  return eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n";
}
