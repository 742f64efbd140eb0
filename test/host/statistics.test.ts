import { assert } from "chai";
import * as vscode from "vscode";
import type { Acceptance } from "../../src/completion/editor/suggestionTracker";
import { Statistics } from "../../src/statistics/statistics";
import { accept, CODE, execute, open, PATIENCE, type } from "./typing";
import { closeEditors, TestMemento, until } from "./support";

const pageUri = vscode.Uri.parse("gpt2-statistics:/GPT-2 Statistics.md");

/** The numbers in the row of all languages on the page. */
async function totals(): Promise<number[]> {
  const page = (await vscode.workspace.openTextDocument(pageUri)).getText();
  const cells = /\| \*\*All languages\*\* \|(.*)\|/.exec(page)?.[1]?.split("|") ?? [];
  return cells.map((cell) => Number.parseInt(cell, 10) || 0);
}

describe("GPT-2: Show Statistics", () => {
  afterEach(closeEditors);

  it("counts what is shown and accepted, as a whole and by word", async () => {
    // A page that is not shown is not written anew: what is on it now may be old.
    const before = await totals();
    const slowly = async (document: vscode.TextDocument) => {
      assert.isTrue(await accept(document, PATIENCE, "acceptNextWord"), "no ghost text came");
      assert.isTrue(await accept(document, PATIENCE), "the rest of the ghost text did not come");
    };
    // Before the editor has a new item for the rest: it inserts the old one, over the word.
    const atOnce = async (document: vscode.TextDocument) => {
      const { version } = document;
      const deadline = Date.now() + PATIENCE;
      while (document.version === version && Date.now() < deadline) {
        await execute("editor.action.inlineSuggest.acceptNextWord");
      }
      await execute("editor.action.inlineSuggest.commit");
    };
    let saved = 0;
    for (const acceptIt of [slowly, atOnce]) {
      const { document } = await open(CODE);
      await type(".");
      await acceptIt(document);
      saved += document.getText().length - CODE.length - 1;
    }
    await vscode.window.showTextDocument(pageUri);
    let now = before;
    const look = () => {
      void totals().then((latest) => (now = latest));
      return (now[1] ?? 0) > (before[1] ?? 0) + 1;
    };
    await until("the page shows both acceptances", look);
    const [shown = 0, whole = 0, line = 0, word = 0, , characters = 0] = now.map((n, i) => n - (before[i] ?? 0));
    assert.isAtLeast(shown, 2);
    assert.deepEqual([whole, line, word, characters], [2, 0, 2, saved]);
  });

  it("opens as a page", async () => {
    await vscode.commands.executeCommand("gpt2.showStatistics");
    await until("a tab with the page", () =>
      vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(({ label }) => label.includes("GPT-2 Statistics"))),
    );
  });
});

describe("the statistics", () => {
  const shown = new vscode.EventEmitter<string>();
  const accepted = new vscode.EventEmitter<Acceptance>();
  const suggestions = { onDidShow: shown.event, onDidAccept: accepted.event };
  let statistics: Statistics | undefined;

  // Longer than an edit takes on a slow machine: the texts have to be looked at after it.
  const create = (memory: vscode.Memento) => new Statistics({ suggestions, memory, keptAfterMs: 5000 });
  const go = () => statistics?.data.languages["go"];

  afterEach(async () => {
    statistics?.dispose();
    await closeEditors();
  });

  it("looks again after a while whether an accepted text is still there, wherever it has moved", async () => {
    statistics = create(new TestMemento());
    const editor = await open("a := len(items)\nb := cap(items)\n", "go");
    const { document } = editor;
    const accept = (text: string, kind: Acceptance["kind"] = "whole") =>
      accepted.fire({ kind, document, offset: document.getText().indexOf(text), text, closers: "" });
    accept("len(items)");
    accept("cap(items)", "line");
    await editor.edit((edit) => {
      edit.insert(new vscode.Position(0, 0), "// moved\n");
      edit.replace(new vscode.Range(1, 5, 1, 8), "sum");
    });
    await until("both were looked at", () => go()?.checked === 2);
    assert.deepEqual(go(), { shown: 0, whole: 1, line: 1, word: 0, checked: 2, kept: 1, characters: 20 });
  });

  it("outlast the window, count several windows together, and can be reset", async () => {
    const memory = new TestMemento();
    statistics = create(memory);
    const other = create(memory);
    shown.fire("go");
    statistics.dispose();
    other.dispose();
    statistics = create(memory);
    assert.equal(go()?.shown, 2);
    shown.fire("go");
    assert.equal(go()?.shown, 3);
    await statistics.reset();
    assert.isUndefined(go());
  });
});
