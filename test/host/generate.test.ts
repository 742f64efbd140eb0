import { assert } from "chai";
import * as vscode from "vscode";
import { DocumentWriter } from "../../src/generate/documentWriter";
import { closeEditors, pause, until, withSettings, workspaceUri } from "./support";

const prompt = "export function add(a: number, b: number): number {\n";
const rest = "\n// The end\n";

async function openWithSelection(eol = vscode.EndOfLine.LF): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument({ language: "typescript", content: prompt + rest });
  const editor = await vscode.window.showTextDocument(document);
  await editor.edit((edit) => edit.setEndOfLine(eol));
  editor.selection = new vscode.Selection(0, 0, 1, 0);
  return editor;
}

function activeText(): string {
  return vscode.window.activeTextEditor?.document.getText() ?? "";
}

describe("GPT-2: Generate", () => {
  let reset: () => Promise<void>;

  async function settings(target: "newEditor" | "afterSelection", maxTokens = 24): Promise<void> {
    reset = await withSettings({
      "generate.target": target,
      "generate.maxTokens": maxTokens,
      "generate.temperature": 0,
    });
  }

  afterEach(async () => {
    await reset();
    await closeEditors();
  });

  it("continues the selection in a new editor of the same language", async () => {
    await settings("newEditor");
    const source = await openWithSelection();
    await vscode.commands.executeCommand("gpt2.generate");
    const made = vscode.window.activeTextEditor?.document;
    assert.notEqual(made, source.document);
    assert.equal(made?.languageId, "typescript");
    assert.isTrue(activeText().startsWith(prompt), activeText());
    assert.isAbove(activeText().trim().length, prompt.length);
    assert.equal(source.document.getText(), prompt + rest, "the source is as it was");
  });

  it("writes after the selection with the document's line endings, as one step to undo", async () => {
    await settings("afterSelection");
    const editor = await openWithSelection(vscode.EndOfLine.CRLF);
    const [before, after] = [prompt, rest].map((text) => text.replaceAll("\n", "\r\n"));
    await vscode.commands.executeCommand("gpt2.generate");
    const text = editor.document.getText();
    assert.isTrue(text.startsWith(before ?? ""), text);
    assert.isTrue(text.endsWith(after ?? ""), text);
    assert.isAbove(text.length, `${before}${after}`.length, "nothing was written");
    assert.notMatch(text, /[^\r]\n|\r[^\n]/);
    await vscode.commands.executeCommand("undo");
    assert.equal(editor.document.getText(), `${before}${after}`);
  });

  it("leaves the cursor after the selection, so that typing does not replace the prompt", async () => {
    await settings("afterSelection");
    const editor = await openWithSelection();
    await vscode.commands.executeCommand("gpt2.generate");
    assert.isTrue(editor.selections.every(({ isEmpty }) => isEmpty));
    await vscode.commands.executeCommand("type", { text: "!" });
    assert.isTrue(editor.document.getText().startsWith(prompt), editor.document.getText());
  });

  it("follows its place while the document is edited and the model opens", async () => {
    await settings("afterSelection");
    const editor = await openWithSelection();
    const restarting = vscode.commands.executeCommand("gpt2.restartEngine");
    const running = vscode.commands.executeCommand("gpt2.generate");
    const above = "// A line above\n";
    while (!(await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), above)))) await pause(5);
    await Promise.all([restarting, running]);
    const text = editor.document.getText();
    assert.isTrue(text.startsWith(above + prompt), text);
    assert.isTrue(text.endsWith(rest), text);
  });

  it("continues all selections, after the last one", async () => {
    await settings("afterSelection");
    const editor = await openWithSelection();
    editor.selections = [new vscode.Selection(2, 0, 2, 10), new vscode.Selection(0, 0, 0, 6)];
    await vscode.commands.executeCommand("gpt2.generate");
    const text = editor.document.getText();
    assert.isTrue(text.startsWith(`${prompt}\n// The end`), text);
    assert.isAbove(text.length, `${prompt}${rest}`.length, "nothing was written");
  });

  it("starts from nothing", async () => {
    await settings("newEditor");
    await vscode.commands.executeCommand("gpt2.generate", { prompt: "" });
    assert.isAbove(activeText().length, 0);
  });

  it("ends quietly when its editor is closed", async () => {
    await settings("newEditor", 2000);
    const running = vscode.commands.executeCommand("gpt2.generate", { prompt });
    await until("text streams", () => activeText().length > prompt.length + 10);
    const made = vscode.window.activeTextEditor?.document;
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await running;
    assert.isTrue(made?.isClosed);
  });
});

describe("DocumentWriter", () => {
  afterEach(closeEditors);

  it("says so when the document cannot be edited", async () => {
    const uri = vscode.Uri.joinPath(workspaceUri(), "read-only.txt");
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode("fixed"));
    const files = vscode.workspace.getConfiguration("files");
    await files.update("readonlyInclude", { "**/read-only.txt": true }, vscode.ConfigurationTarget.Global);
    try {
      const { document } = await vscode.window.showTextDocument(uri);
      using writer = new DocumentWriter(document, 5);
      writer.write(" text");
      const error = await writer.finish().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      assert.match(String(error), /cannot be edited/);
      assert.equal(document.getText(), "fixed");
    } finally {
      await files.update("readonlyInclude", undefined, vscode.ConfigurationTarget.Global);
      await closeEditors();
      await vscode.workspace.fs.delete(uri);
    }
  });

  async function open(content: string): Promise<vscode.TextEditor> {
    return vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content }));
  }

  it("keeps its place while a person types around it", async () => {
    const editor = await open("begin|end");
    const writer = new DocumentWriter(editor.document, "begin".length);
    // The editor refuses an edit that another one overtook; a person's keystroke is never lost like that.
    const type = async (text: string, position: () => vscode.Position) => {
      while (!(await editor.edit((edit) => edit.insert(position(), text)))) await pause(5);
    };
    const words = Array.from({ length: 20 }, (_, i) => `${i} `);
    for (let i = 1; i <= words.length; i++) {
      writer.write(words.slice(0, i).join(""));
      if (i % 5 === 0) {
        await type("<", () => new vscode.Position(0, 0));
        await type(">", () => editor.document.positionAt(editor.document.getText().length));
      }
      await pause(15);
    }
    await writer.finish();
    writer[Symbol.dispose]();
    assert.equal(editor.document.getText(), `<<<<begin${words.join("")}|end>>>>`);
  });

  it("writes into a document that another tab covers", async () => {
    const { document } = await open("");
    const writer = new DocumentWriter(document, 0);
    writer.write("one ");
    await open("another");
    writer.write("one two\r\n");
    await writer.finish();
    writer[Symbol.dispose]();
    assert.equal(document.getText(), "one two\n");
  });

  it("gathers what comes in a burst into few edits", async () => {
    const { document } = await open("");
    let edits = 0;
    const counting = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document === document && event.contentChanges.length > 0) edits++;
    });
    const writer = new DocumentWriter(document, 0);
    for (let i = 1; i <= 200; i++) writer.write("x".repeat(i));
    await writer.finish();
    writer[Symbol.dispose]();
    counting.dispose();
    assert.equal(document.getText().length, 200);
    assert.isAtMost(edits, 3);
  });
});
