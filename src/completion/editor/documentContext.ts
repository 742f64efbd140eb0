import * as vscode from "vscode";
import { cursorBetween, type Cursor } from "../core/cursor";
import { untitledPath } from "../core/languages";
import { cellPath } from "../core/notebook";
import { textWindow } from "../core/textWindow";
import { adapterRulesFor } from "./adapterSetting";
import { cellsAround, fileOf } from "./notebookCell";
import { unixLines } from "./unixLines";

/**
 * Reads the text around a position.
 * @param selected the item selected in the suggest widget, which must end at the position: the text is as if it were accepted already
 */
export function readCursor(
  document: vscode.TextDocument,
  position: vscode.Position,
  selected?: vscode.SelectedCompletionInfo,
): Cursor {
  const window = textWindow(document.offsetAt(position));
  const start = lineStartNear(document, window.start, window.earliestStart);
  const before = document.getText(new vscode.Range(start, selected?.range.start ?? position));
  const after = document.getText(new vscode.Range(position, document.positionAt(window.end)));
  const around = cellsAround(document, position);
  const adapters = adapterRulesFor(document);
  return cursorBetween(unixLines(before + (selected?.text ?? "")), unixLines(after), {
    document: document.uri.toString(),
    path: promptPath(document),
    languageId: document.languageId,
    indentation: indentation(document),
    ...(around && { around }),
    ...(adapters.length > 0 && { adapters }),
  });
}

function lineStartNear(document: vscode.TextDocument, offset: number, earliest: number): vscode.Position {
  const position = document.positionAt(offset);
  const lineStart = position.with({ character: 0 });
  return document.offsetAt(lineStart) >= earliest ? lineStart : position;
}

/**
 * The path of a document in a prompt: relative to the workspace, or the bare name of a file elsewhere. A notebook's cell is a file of its
 * language.
 */
export function promptPath(document: vscode.TextDocument): string {
  if (document.isUntitled) return untitledPath(document.languageId);
  const file = fileOf(document);
  const path = vscode.workspace.getWorkspaceFolder(file)
    ? vscode.workspace.asRelativePath(file, false)
    : file.path.slice(file.path.lastIndexOf("/") + 1);
  return file === document.uri ? path : cellPath(path, document.languageId);
}

function indentation(document: vscode.TextDocument): Cursor["indentation"] {
  const options = editorOf(document)?.options;
  return {
    insertSpaces: typeof options?.insertSpaces === "boolean" ? options.insertSpaces : true,
    tabSize: typeof options?.tabSize === "number" ? options.tabSize : 4,
  };
}

/** The editor that shows a document: the active one, or else a visible one. */
export function editorOf(document: vscode.TextDocument): vscode.TextEditor | undefined {
  const active = vscode.window.activeTextEditor;
  if (active?.document === document) return active;
  return vscode.window.visibleTextEditors.find((editor) => editor.document === document);
}
