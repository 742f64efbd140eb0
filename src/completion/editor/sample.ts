import * as vscode from "vscode";

/** Code whose last line is easy to go on with. */
const sample = `/** The items that somebody wants to buy. */
export class Cart {
  private readonly items: string[] = [];

  add(item: string): void {
    this.items.push(item);
  }

  remove(item: string): void {
    const index = this.items.indexOf(item);
    if (index >= 0) this.items.splice(index, 1);
  }

  get count(): number {
    return this.items.length;
  }

  get isEmpty(): boolean {
    return this.`;

const afterCursor = `
  }
}
`;

/** Registers GPT-2: Open Sample File: code with the cursor where a suggestion comes, which is shown at once. */
export function registerSample(): vscode.Disposable {
  return vscode.commands.registerCommand("gpt2.openSample", async () => {
    const document = await vscode.workspace.openTextDocument({ language: "typescript", content: sample + afterCursor });
    const editor = await vscode.window.showTextDocument(document, { preview: false });
    const cursor = document.positionAt(sample.length);
    editor.selection = new vscode.Selection(cursor, cursor);
    editor.revealRange(new vscode.Range(cursor, cursor), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    await vscode.commands.executeCommand("editor.action.inlineSuggest.trigger");
  });
}
