import { assert } from "chai";
import * as vscode from "vscode";
import { pause } from "./support";
import { accept, CART, CODE, invoke, open, PATIENCE, SILENCE, type } from "./typing";

/** The editor closes the bracket that is typed here. */
const CALL = [...CART, "  show(): void {", "    console.log"].join("\n");

/** An assignment whose value takes several words. */
const ASSIGNMENT = [
  'import { readFile } from "node:fs/promises";',
  "",
  "export async function readJson(path: string): Promise<unknown> {",
  "  const text =",
].join("\n");

describe("inline completion", () => {
  const configuration = () => vscode.workspace.getConfiguration("gpt2.inlineCompletions");
  const set = (key: string, value: unknown) => configuration().update(key, value, vscode.ConfigurationTarget.Global);

  // The suggest widget would take part in what is typed.
  const suggestWidget = (value: boolean | undefined) =>
    vscode.workspace
      .getConfiguration("editor")
      .update("suggestOnTriggerCharacters", value, vscode.ConfigurationTarget.Global);

  before(() => suggestWidget(false));
  after(() => suggestWidget(undefined));
  afterEach(async () => {
    await set("enabled", undefined);
    await set("languages", undefined);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  it("takes the suggestion away when the language is switched to one that is off", async () => {
    const editor = await open(CODE);
    await invoke();
    assert.isTrue(await accept(editor.document, PATIENCE), "there was no suggestion to begin with");
    await vscode.commands.executeCommand("undo");
    await invoke();
    await pause(SILENCE);
    await vscode.languages.setTextDocumentLanguage(editor.document, "markdown");
    await pause(500);
    assert.isFalse(await accept(editor.document, 500), "the suggestion stayed");
    await vscode.languages.setTextDocumentLanguage(editor.document, "typescript");
    await invoke();
    assert.isTrue(await accept(editor.document, PATIENCE), "it did not come back");
  });

  it("shows what the model writes while one types, and puts it into the document", async () => {
    const editor = await open(CODE);
    await type(".");
    assert.isTrue(await accept(editor.document, PATIENCE), "no ghost text came");
    const text = editor.document.getText();
    assert.match(text, /return this\.\w+/);
    assert.isTrue(text.startsWith(`${CODE}.`), "the text before the cursor changed");
  });

  it("shows it when one asks for it, and keeps the rest when a word of it is accepted", async () => {
    const editor = await open(ASSIGNMENT);
    await invoke();
    assert.isTrue(await accept(editor.document, PATIENCE, "acceptNextWord"), "no ghost text came");
    const word = editor.document.getText();
    assert.isTrue(word.startsWith(ASSIGNMENT), word);
    assert.isTrue(await accept(editor.document, PATIENCE), "the rest of the ghost text is gone");
    const all = editor.document.getText();
    assert.isTrue(all.startsWith(word) && all.length > word.length, all);
  });

  it("offers others to choose from when one asks for it", async () => {
    // What the getter is called is open, so that samples differ.
    const before = [...CART, "  get "].join("\n");
    const textWith = async (steps: number) => {
      const editor = await open(before);
      const { version } = editor.document;
      const deadline = Date.now() + PATIENCE;
      while (editor.document.version === version && Date.now() < deadline) {
        await invoke();
        await pause(2_000);
        for (let step = 0; step < steps; step++) {
          await vscode.commands.executeCommand("editor.action.inlineSuggest.showNext");
          await pause(300);
        }
        await vscode.commands.executeCommand("editor.action.inlineSuggest.commit");
        await pause(100);
      }
      const text = editor.document.getText();
      assert.isTrue(text.length > before.length, "no ghost text came");
      await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
      return text;
    };
    const likeliest = await textWith(0);
    assert.notEqual(await textWith(1), likeliest);
  });

  it("does not double a bracket that the editor has closed", async () => {
    const before = CALL;
    const editor = await open(before);
    await type("(");
    assert.isTrue(editor.document.getText().endsWith("console.log()"), "the editor did not close the bracket");
    assert.isTrue(await accept(editor.document, PATIENCE), "no ghost text came");
    const written = editor.document.getText().slice(before.length);
    const count = (bracket: string) => written.split(bracket).length;
    assert.equal(count("("), count(")"), written);
  });

  it("keeps the line ends of the document", async () => {
    const editor = await open(CODE.replaceAll("\n", "\r\n"));
    assert.equal(editor.document.eol, vscode.EndOfLine.CRLF);
    await type(".");
    assert.isTrue(await accept(editor.document, PATIENCE), "no ghost text came");
    assert.notMatch(editor.document.getText(), /[^\r]\n/);
  });

  it("is silent in a language that is off", async () => {
    await set("languages", { typescript: false });
    const editor = await open(CODE);
    await type(".");
    assert.isFalse(await accept(editor.document, SILENCE), editor.document.getText());
  });

  it("is silent while it is toggled off, and back when it is on again", async () => {
    await vscode.commands.executeCommand("gpt2.toggleInlineCompletions");
    assert.isFalse(configuration().get("enabled"));
    const editor = await open(CODE);
    await type(".");
    assert.isFalse(await accept(editor.document, SILENCE), editor.document.getText());
    await vscode.commands.executeCommand("gpt2.toggleInlineCompletions");
    assert.isTrue(configuration().get("enabled"));
    await vscode.commands.executeCommand("deleteLeft");
    await type(".");
    assert.isTrue(await accept(editor.document, PATIENCE), "no ghost text came");
  });

  it("is silent with several cursors", async () => {
    const editor = await open(`${CODE}.`);
    const [cursor] = editor.selections;
    assert.isDefined(cursor);
    editor.selections = [cursor, new vscode.Selection(2, 0, 2, 0)];
    await pause(100);
    await invoke();
    assert.isFalse(await accept(editor.document, SILENCE), editor.document.getText());
    editor.selections = [cursor];
    await pause(100);
    // The editor does not ask again while nothing has changed.
    await vscode.commands.executeCommand("deleteLeft");
    await type(".");
    assert.isTrue(await accept(editor.document, PATIENCE), "no ghost text came with one cursor");
  });
});
