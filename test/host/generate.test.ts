import { assert } from "chai";
import * as vscode from "vscode";
import { DocumentWriter } from "../../src/generate/documentWriter";
import { GeneratePanel } from "../../src/generate/panel";
import { selectionOf } from "../../src/generate/source";
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

describe("Generate with GPT-2", () => {
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
    await vscode.commands.executeCommand("gpt2.generateFromSelection");
    const made = vscode.window.activeTextEditor?.document;
    assert.notEqual(made, source.document);
    assert.equal(made?.languageId, "typescript");
    assert.isTrue(activeText().startsWith(prompt), activeText());
    assert.isAbove(activeText().trim().length, prompt.length);
    assert.equal(source.document.getText(), prompt + rest, "the source is as it was");
  });

  it("tells the model which language it continues, except for prose", async () => {
    await settings("newEditor");
    assert.equal(selectionOf(await openWithSelection()).header, "// untitled.ts\n");
    const headerIn = async (language: string) => {
      const document = await vscode.workspace.openTextDocument({ language, content: "total" });
      return selectionOf(await vscode.window.showTextDocument(document)).header;
    };
    assert.equal(await headerIn("python"), "# untitled.py\n");
    assert.equal(await headerIn("markdown"), "");
  });

  it("writes after the selection with the document's line endings, as one step to undo", async () => {
    await settings("afterSelection");
    const editor = await openWithSelection(vscode.EndOfLine.CRLF);
    const [before, after] = [prompt, rest].map((text) => text.replaceAll("\n", "\r\n"));
    await vscode.commands.executeCommand("gpt2.generateFromSelection");
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
    await vscode.commands.executeCommand("gpt2.generateFromSelection");
    assert.isTrue(editor.selections.every(({ isEmpty }) => isEmpty));
    await vscode.commands.executeCommand("type", { text: "!" });
    assert.isTrue(editor.document.getText().startsWith(prompt), editor.document.getText());
  });

  it("follows its place while the document is edited and the model opens", async () => {
    await settings("afterSelection");
    const editor = await openWithSelection();
    const restarting = vscode.commands.executeCommand("gpt2.restartEngine");
    const running = vscode.commands.executeCommand("gpt2.generateFromSelection");
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
    await vscode.commands.executeCommand("gpt2.generateFromSelection");
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

describe("GPT-2: Generate…", () => {
  const panels = () => {
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    return tabs.filter(
      ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(GeneratePanel.viewType),
    );
  };
  afterEach(closeEditors);

  it("opens one form, also from a selection, and another one after that was closed", async () => {
    await openWithSelection();
    await vscode.commands.executeCommand("gpt2.generate");
    await until("the form is there", () => panels().length === 1);
    await vscode.commands.executeCommand("gpt2.generate");
    assert.lengthOf(panels(), 1);
    await vscode.window.tabGroups.close(panels());
    await until("the form is gone", () => panels().length === 0);
    await vscode.commands.executeCommand("gpt2.generate");
    await until("the form is there again", () => panels().length === 1);
  });
});

describe("GPT-2: Generate Here", () => {
  let reset: () => Promise<void>;
  const settings = async (maxTokens: number) => {
    // A text that is drawn may end before a test has seen it grow; the likeliest goes on to the limit.
    reset = await withSettings({ "generate.maxTokens": maxTokens, "generate.temperature": 0 });
  };
  afterEach(async () => {
    await reset();
    await closeEditors();
  });

  async function openAtCursor(): Promise<vscode.TextEditor> {
    const editor = await openWithSelection();
    editor.selection = new vscode.Selection(1, 0, 1, 0);
    return editor;
  }

  it("continues at the cursor, which moves along, as one step to undo", async () => {
    await settings(24);
    const editor = await openAtCursor();
    await vscode.commands.executeCommand("gpt2.generateHere");
    const text = editor.document.getText();
    assert.isTrue(text.startsWith(prompt) && text.endsWith(rest), text);
    assert.isAbove(text.length, prompt.length + rest.length);
    assert.equal(editor.document.offsetAt(editor.selection.active), text.length - rest.length);
    await vscode.commands.executeCommand("undo");
    assert.equal(editor.document.getText(), prompt + rest);
  });

  it("stops when it is canceled, and leaves what was written", async () => {
    await settings(4000);
    const editor = await openAtCursor();
    const running = vscode.commands.executeCommand("gpt2.generateHere");
    await until("text streams", () => editor.document.getText().length > prompt.length + rest.length + 20);
    await vscode.commands.executeCommand("gpt2.cancelGenerateHere");
    await running;
    const { length } = editor.document.getText();
    assert.isAbove(length, prompt.length + rest.length + 20);
    await pause(200);
    assert.lengthOf(editor.document.getText(), length);
  });

  it("ends when it is undone, and writes nothing after that", async () => {
    await settings(4000);
    const editor = await openAtCursor();
    const running = vscode.commands.executeCommand("gpt2.generateHere");
    await until("text streams", () => editor.document.getText().length > prompt.length + rest.length + 20);
    await vscode.commands.executeCommand("undo");
    await running;
    await pause(200);
    assert.equal(editor.document.getText(), prompt + rest);
  });

  it("is repeated at the cursor", async () => {
    await settings(12);
    const editor = await openAtCursor();
    await vscode.commands.executeCommand("gpt2.generateHere");
    const { length } = editor.document.getText();
    await vscode.commands.executeCommand("gpt2.repeatGeneration");
    assert.isAbove(editor.document.getText().length, length);
    assert.isTrue(editor.document.getText().endsWith(rest));
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

  for (const eol of [vscode.EndOfLine.LF, vscode.EndOfLine.CRLF]) {
    it(`replaces the end of a text that began anew and went on otherwise (${vscode.EndOfLine[eol]})`, async () => {
      const editor = await open("begin|end");
      await editor.edit((edit) => edit.setEndOfLine(eol));
      using writer = new DocumentWriter(editor.document, "begin".length);
      const content = () => editor.document.getText().replaceAll("\r", "");
      const wait = (text: string) => until(text, () => content() === text);
      writer.write("one\ntwo\nthree");
      await wait("beginone\ntwo\nthree|end");
      writer.write("one\n");
      writer.write("one\ntwo\nfour");
      await wait("beginone\ntwo\nfour|end");
      writer.write("one");
      await writer.finish();
      assert.equal(content(), "beginone|end");
    });
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
