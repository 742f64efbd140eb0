import { assert } from "chai";
import * as vscode from "vscode";
import { postprocess } from "../../src/completion/core/postprocess/index";
import { readCursor } from "../../src/completion/editor/documentContext";
import { itemFor } from "../../src/completion/editor/item";
import { closeEditors, pause, until, withSettings } from "./support";

/** Suggests how `text` goes on, in the rest of the line or to its end, where it agrees with what is before the cursor. */
class Oracle implements vscode.InlineCompletionItemProvider {
  text = "";
  /** After so many answers it is silent, as a model that is still computing. */
  answers = Infinity;
  answered = 0;

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
  ): Promise<vscode.InlineCompletionItem[]> {
    const cursor = readCursor(document, position, context.selectedCompletionInfo);
    if (!this.text.startsWith(cursor.before)) return [];
    while (this.answered >= this.answers) await pause(20);
    const suggestion = postprocess(this.text.slice(cursor.before.length), cursor);
    if (!suggestion) return [];
    this.answered++;
    return [itemFor(suggestion, cursor, document, position, context.selectedCompletionInfo)];
  }
}

const execute = (command: string) => vscode.commands.executeCommand(command);

describe("a suggestion in the editor", () => {
  let oracle: Oracle;
  let editor: vscode.TextEditor;
  let restore: () => Promise<void>;
  let registration: vscode.Disposable;

  const text = () => editor.document.getText();

  before(async () => {
    restore = await withSettings({ "inlineCompletions.languages": { "*": false } });
  });
  after(() => restore());

  beforeEach(() => {
    oracle = new Oracle();
    registration = vscode.languages.registerInlineCompletionItemProvider({ language: "typescript" }, oracle);
  });
  afterEach(async () => {
    registration.dispose();
    oracle.answers = Infinity;
    await closeEditors();
  });

  /** Opens a document with the cursor at `¦`; the model would write what makes it `target`. */
  async function open(documentWithCursor: string, target: string): Promise<void> {
    const [before = "", after = ""] = documentWithCursor.split("¦");
    const document = await vscode.workspace.openTextDocument({ content: before + after, language: "typescript" });
    editor = await vscode.window.showTextDocument(document);
    const position = document.positionAt(before.length);
    editor.selection = new vscode.Selection(position, position);
    oracle.text = target;
    await pause(100);
  }

  /** Asks for the suggestion and waits until it can be seen. */
  async function show(): Promise<void> {
    const { answered } = oracle;
    await execute("editor.action.inlineSuggest.trigger");
    await until("an answer", () => oracle.answered > answered);
    await pause(200);
  }

  /** Accepts the next word and waits until what is left of the suggestion can be seen. */
  async function acceptWord(): Promise<string> {
    await execute("editor.action.inlineSuggest.acceptNextWord");
    await pause(300);
    const offset = editor.document.offsetAt(editor.selection.active);
    return `${text().slice(0, offset)}¦${text().slice(offset)}`;
  }

  for (const [command, expected] of [
    ["editor.action.deleteLines", "f();\n\ng();\n"],
    ["deleteAllLeft", "f();\n\n\ng();\n"],
    ["deleteWordLeft", "f();\n  const total = \n\ng();\n"],
  ] as const) {
    it(`${command}: what was deleted does not come back as ghost text`, async () => {
      await open("f();\n  const total = items¦\n\ng();\n", "f();\n  const total = items.length;\n\ng();\n");
      await show();
      oracle.answers = 0;
      await execute(command);
      const deleted = text();
      await execute("editor.action.inlineSuggest.commit");
      await pause(100);
      assert.equal(text(), deleted);
      assert.equal(text(), expected);
    });
  }

  it("stays when its first letter is typed and deleted", async () => {
    await open("f();\nconst total = items¦\n", "f();\nconst total = items.length;\n");
    await show();
    oracle.answers = 0;
    await vscode.commands.executeCommand("type", { text: "." });
    await execute("deleteLeft");
    await execute("editor.action.inlineSuggest.commit");
    await pause(100);
    assert.equal(text(), "f();\nconst total = items.length;\n");
  });

  it("is accepted word by word where it covers closers, and nothing is lost", async () => {
    const target = "log(`total ${name} of ${count}`);\n";
    await open("log(`total ${¦}`)\n", target);
    await show();
    const steps: string[] = [];
    while (text() !== target && steps.length < 12) steps.push(await acceptWord());
    assert.equal(text(), target, steps.join(""));
  });

  it("is accepted word by word across a closer in the middle", async () => {
    const target = "first(a).then(b, c);\n";
    await open("first(¦)\n", target);
    await show();
    const steps: string[] = [];
    while (text() !== target && steps.length < 12) steps.push(await acceptWord());
    assert.equal(text(), target, steps.join(""));
  });

  it("is undone in one step", async () => {
    const before = "if (a) {\n  f()\n}\n";
    await open("if (a) {\n  f(¦)\n}\n", "if (a) {\n  f(b, c);\n}\n");
    await show();
    await execute("editor.action.inlineSuggest.commit");
    await pause(100);
    assert.equal(text(), "if (a) {\n  f(b, c);\n}\n");
    await execute("undo");
    assert.equal(text(), before);
  });
});
