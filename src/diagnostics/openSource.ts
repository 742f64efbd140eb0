import * as vscode from "vscode";

/** Opens a file at a line (from 1) in the first column of editors. A file that is gone gives the editor's own message. */
export async function openSource(uri: string, line: number): Promise<void> {
  const start = new vscode.Position(line - 1, 0);
  await vscode.commands.executeCommand("vscode.open", vscode.Uri.parse(uri, true), {
    viewColumn: vscode.ViewColumn.One,
    selection: new vscode.Range(start, start),
  });
}
