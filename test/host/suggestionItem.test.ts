import { assert } from "chai";
import * as vscode from "vscode";
import { commit, Oracle } from "./oracle";
import { closeEditors, pause, until, withSettings } from "./support";
import { execute, type } from "./typing";

describe("a suggestion in the editor", () => {
  let oracle: Oracle;
  let editor: vscode.TextEditor;
  let restore: () => Promise<void>;

  const text = () => editor.document.getText();

  before(async () => {
    restore = await withSettings({ "inlineCompletions.languages": { "*": false } });
  });
  after(() => restore());

  beforeEach(() => {
    oracle = new Oracle();
  });
  afterEach(async () => {
    oracle.dispose();
    await closeEditors();
  });

  async function open(documentWithCursor: string, target: string): Promise<void> {
    editor = await oracle.open(documentWithCursor, target);
  }

  /** Waits for a text that stays for a moment: a bracket that is typed over is there twice at first. */
  async function becomes(expected: string): Promise<void> {
    await until(`“${expected}”`, () => text() === expected);
    await pause(100);
    assert.equal(text(), expected);
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
      await oracle.show();
      oracle.silence();
      await execute(command);
      const deleted = text();
      await commit();
      assert.equal(text(), deleted);
      assert.equal(text(), expected);
    });
  }

  it("stays when its first letter is typed and deleted", async () => {
    await open("f();\nconst total = items¦\n", "f();\nconst total = items.length;\n");
    await oracle.show();
    oracle.silence();
    await type(".");
    await execute("deleteLeft");
    await commit();
    assert.equal(text(), "f();\nconst total = items.length;\n");
  });

  it("is accepted word by word where it covers closers, and nothing is lost", async () => {
    const target = "log(`total ${name} of ${count}`);\n";
    await open("log(`total ${¦}`)\n", target);
    await oracle.show();
    const steps: string[] = [];
    while (text() !== target && steps.length < 12) steps.push(await acceptWord());
    assert.equal(text(), target, steps.join(""));
  });

  it("is accepted word by word across a closer in the middle", async () => {
    const target = "first(a).then(b, c);\n";
    await open("first(¦)\n", target);
    await oracle.show();
    const steps: string[] = [];
    while (text() !== target && steps.length < 12) steps.push(await acceptWord());
    assert.equal(text(), target, steps.join(""));
  });

  it("is closed after the cursor where it opens a bracket, and what is typed goes inside", async () => {
    await open("const a = 1;\n¦\n", "const a = 1;\nconst total = items.reduce(\n");
    await oracle.show();
    await commit();
    assert.equal(text(), "const a = 1;\nconst total = items.reduce()\n");
    await type("b");
    assert.equal(text(), "const a = 1;\nconst total = items.reduce(b)\n");
    await execute("undo");
    await execute("undo");
    assert.equal(text(), "const a = 1;\n\n");
  });

  for (const [typed, expected] of [
    ["b", "reduce(b)"],
    ["bc", "reduce(bc)"],
    [")", "reduce()"],
    [");", "reduce();"],
    ["f(b", "reduce(f(b))"],
    ["[1", "reduce([1])"],
  ] as const) {
    it(`is closed after “${typed}” that is typed before the editor is told what to close`, async () => {
      await open("const a = 1;\n¦\n", "const a = 1;\nconst total = items.reduce(\n");
      await oracle.show();
      oracle.silence();
      // Nothing is awaited in between: the keys are in the editor before it hears of the acceptance.
      await Promise.all([execute("editor.action.inlineSuggest.commit"), ...Array.from(typed, type)]);
      await becomes(`const a = 1;\nconst total = items.${expected}\n`);
      await type("x");
      await becomes(`const a = 1;\nconst total = items.${expected.replace(typed, `${typed}x`)}\n`);
    });
  }

  it("is closed after the cursor where the line was begun, and the cursor stays inside", async () => {
    await open("const a = 1;\nconst total = items.red¦\n", "const a = 1;\nconst total = items.reduce(\n");
    await oracle.show();
    await commit();
    await type("b");
    await becomes("const a = 1;\nconst total = items.reduce(b)\n");
  });

  it("is not closed where the person has the editor close nothing", async () => {
    const settings = vscode.workspace.getConfiguration("editor");
    await settings.update("autoClosingBrackets", "never", vscode.ConfigurationTarget.Global);
    try {
      await open("const a = 1;\n¦\n", "const a = 1;\nconst total = items.reduce(\n");
      await oracle.show();
      await commit();
      await becomes("const a = 1;\nconst total = items.reduce(\n");
    } finally {
      await settings.update("autoClosingBrackets", undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it("has what it closed after the cursor typed over, and nothing else", async () => {
    await open("const a = 1;\n¦\n", "const a = 1;\nconst total = sum(items.reduce(\n");
    await oracle.show();
    await commit();
    assert.equal(text(), "const a = 1;\nconst total = sum(items.reduce())\n");
    for (const [typed, expected] of [
      ["b", "sum(items.reduce(b))"],
      [")", "sum(items.reduce(b))"],
      [")", "sum(items.reduce(b))"],
      [";", "sum(items.reduce(b));"],
      [")", "sum(items.reduce(b));)"],
    ] as const) {
      await type(typed);
      await becomes(`const a = 1;\nconst total = ${expected}\n`);
    }
  });

  it("leaves what the editor closed to be typed over", async () => {
    await open("const a = 1;\nconst b = f¦\n", "const a = 1;\nconst b = f(items)\n");
    await type("(");
    assert.equal(text(), "const a = 1;\nconst b = f()\n");
    await oracle.show();
    await commit();
    assert.equal(text(), "const a = 1;\nconst b = f(items)\n");
    await type(")");
    await becomes("const a = 1;\nconst b = f(items)\n");
  });

  it("is accepted word by word where it opens a bracket at its end", async () => {
    await open("const a = 1;\n¦\n", "const a = 1;\nconst total = items.reduce(\n");
    await oracle.show();
    const steps: string[] = [];
    while (!text().includes("()") && steps.length < 12) steps.push(await acceptWord());
    assert.isAbove(steps.length, 3, steps.join(""));
    assert.equal(steps.at(-1), "const a = 1;\nconst total = items.reduce(¦)\n", steps.join(""));
  });

  it("selects nothing when it is accepted, which Vim's extensions would take for visual mode", async () => {
    const selections: vscode.Selection[] = [];
    const listener = vscode.window.onDidChangeTextEditorSelection((event) => selections.push(...event.selections));
    try {
      for (const target of ["const a = 1;\nconst total = f(\n", "const a = 1;\nif (a) {\n  f();\n}\n"]) {
        await open("const a = 1;\n¦\n", target);
        await oracle.show();
        await commit();
        await type("b");
        await pause(100);
      }
    } finally {
      listener.dispose();
    }
    assert.isAtLeast(selections.length, 4);
    assert.isTrue(selections.every(({ isEmpty }) => isEmpty));
  });

  it("is undone in one step", async () => {
    const before = "if (a) {\n  f()\n}\n";
    await open("if (a) {\n  f(¦)\n}\n", "if (a) {\n  f(b, c);\n}\n");
    await oracle.show();
    await commit();
    assert.equal(text(), "if (a) {\n  f(b, c);\n}\n");
    await execute("undo");
    assert.equal(text(), before);
  });
});
