import { assert } from "chai";
import * as vscode from "vscode";
import { commit, Oracle } from "./oracle";
import { closeEditors, pause, until, withSettings } from "./support";
import { execute, type } from "./typing";

/** Proposes names, as IntelliSense does, and counts how often it is asked. */
class Names implements vscode.CompletionItemProvider {
  asked = 0;
  provideCompletionItems(): vscode.CompletionItem[] {
    this.asked++;
    // The target of the tests begins with only one of them.
    return ["items", "iterate"].map((name, i) => {
      const item = new vscode.CompletionItem(name, vscode.CompletionItemKind.Variable);
      return Object.assign(item, { sortText: String(i), preselect: i === 0 });
    });
  }
}

describe("with IntelliSense open", () => {
  let oracle: Oracle;
  let names: Names;
  let registration: vscode.Disposable;
  let restore: () => Promise<void>;
  const editorSettings = () => vscode.workspace.getConfiguration("editor");
  /** In the workspace, whose settings win over those that all tests have. */
  const setQuickSuggestions = (value: unknown) =>
    editorSettings().update("quickSuggestions", value, vscode.ConfigurationTarget.Workspace);

  before(async () => {
    restore = await withSettings({ "inlineCompletions.languages": { "*": false } });
  });
  after(() => restore());
  beforeEach(() => {
    oracle = new Oracle();
    names = new Names();
    registration = vscode.languages.registerCompletionItemProvider("typescript", names);
  });
  afterEach(async () => {
    await execute("hideSuggestWidget");
    registration.dispose();
    oracle.dispose();
    await setQuickSuggestions(undefined);
    await closeEditors();
  });

  it("the suggestion goes on from the selected item, and Tab accepts one after the other", async () => {
    const editor = await oracle.open("f();\nconst total = it¦\n", "f();\nconst total = items[0];\n");
    await execute("editor.action.triggerSuggest");
    await until("the list", () => names.asked > 0);
    // The editor shows it once the language server has answered too. The item stays selected until it is answered for.
    for (let wait = 1; wait < 400 && oracle.selected !== "items"; wait++) {
      if (wait % 50 === 0) await execute("selectNextSuggestion");
      await pause(100);
    }
    assert.equal(oracle.selected, "items", "no suggestion for a selected item");
    await execute("acceptSelectedSuggestion");
    await until("the item", () => editor.document.getText() === "f();\nconst total = items\n");
    await oracle.show();
    await commit();
    assert.equal(editor.document.getText(), "f();\nconst total = items[0];\n");
    await execute("undo");
    assert.equal(editor.document.getText(), "f();\nconst total = items\n");
  });

  it("both are there: the list opens while ghost text is shown, unless a person wants it otherwise", async () => {
    const typeWithGhostText = async () => {
      await oracle.open("f();\nconst total = ¦\n", "f();\nconst total = items[0];\n");
      await oracle.show();
      const { asked } = names;
      await type("i");
      await pause(1500);
      await execute("hideSuggestWidget");
      await closeEditors();
      return names.asked - asked;
    };
    const byDefault = editorSettings().inspect("quickSuggestions")?.defaultValue;
    assert.include(byDefault, { other: "on" });
    await setQuickSuggestions(byDefault);
    assert.isAbove(await typeWithGhostText(), 0, "ghost text suppressed IntelliSense");
    await setQuickSuggestions({ other: "offWhenInlineCompletions" });
    assert.equal(await typeWithGhostText(), 0);
  });

  it("nothing is shown in a snippet before its last placeholder", async () => {
    const editor = await oracle.open("f();\n¦\n", "f();\nfor (const item of items) {\n}\n");
    const snippet = "for (const ${1:x} of ${2:y}) {\n}";
    await execute("editor.action.insertSnippet", { snippet });
    await type("it");
    await pause(500);
    const there = editor.document.getText();
    assert.include(there, "for (const it of y)");
    await commit();
    assert.equal(editor.document.getText(), there);
    await execute("jumpToNextSnippetPlaceholder");
    await type("items");
    assert.include(editor.document.getText(), "for (const it of items)");
  });
});
