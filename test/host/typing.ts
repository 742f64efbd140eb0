import * as vscode from "vscode";
import { closeEditors, pause } from "./support";
import { SLOW_MACHINE } from "../harness/slowMachine";

export const CART = [
  "export class Cart {",
  "  private readonly items: string[] = [];",
  "",
  "  get count(): number {",
  "    return this.items.length;",
  "  }",
  "",
  "  get size(): number {",
  "    return this.items.length;",
  "  }",
  "",
  "  print(): void {",
  "    console.log(this.items.length);",
  "  }",
  "",
];

/** What follows, after a dot, is clear enough to be shown without being asked for. */
export const CODE = [...CART, "  get length(): number {", "    return this"].join("\n");

/** Milliseconds for a suggestion to come, with the model loaded on a busy machine. */
export const PATIENCE = 40_000 * SLOW_MACHINE;
/** Milliseconds in which a suggestion would have come, once one has. */
export const SILENCE = 1_500;

export const execute = (command: string, ...args: unknown[]) => vscode.commands.executeCommand(command, ...args);
export const type = (text: string) => execute("type", { text });
export const invoke = () => execute("editor.action.inlineSuggest.trigger");

/** Puts the cursor to the end of an editor's document. */
export async function goToEnd(editor: vscode.TextEditor): Promise<void> {
  const { end } = editor.document.lineAt(editor.document.lineCount - 1).range;
  editor.selection = new vscode.Selection(end, end);
  await pause(100);
}

/** Opens an untitled document with the cursor at its end. */
export async function open(content: string, language = "typescript"): Promise<vscode.TextEditor> {
  const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language }));
  await goToEnd(editor);
  return editor;
}

/** Opens a file with the cursor at its end. */
export async function openFile(uri: vscode.Uri, column?: vscode.ViewColumn): Promise<vscode.TextEditor> {
  const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), column);
  await goToEnd(editor);
  return editor;
}

/** Accepts the ghost text, or a part of it, as soon as there is some; false when none comes in time. */
export async function accept(document: vscode.TextDocument, patience: number, command = "commit"): Promise<boolean> {
  const { version } = document;
  const deadline = Date.now() + patience;
  while (Date.now() < deadline) {
    await execute(`editor.action.inlineSuggest.${command}`);
    await pause(100);
    if (document.version !== version) return true;
  }
  return false;
}

/** Accepts the ghost text at a document's end as soon as there is some. @returns it; empty when none comes in time */
export async function accepted(document: vscode.TextDocument, patience = PATIENCE): Promise<string> {
  const { length } = document.getText();
  return (await accept(document, patience)) ? document.getText().slice(length) : "";
}

/** Has the model loaded, so that no suggestion in {@link SILENCE} means none. @throws when none comes at all */
export async function loadModel(): Promise<void> {
  const editor = await open(CODE);
  await type(".");
  if ((await accepted(editor.document)) === "") throw new Error("There is no suggestion to begin with.");
  await closeEditors();
}
