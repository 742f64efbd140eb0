import { assert } from "chai";
import * as vscode from "vscode";
import { type TypedCursor, TypedCursors } from "../../src/completion/editor/typedCursor";
import { execute, open, type } from "./typing";
import { closeEditors, until } from "./support";

describe("cursors of a person who types", () => {
  let cursors: TypedCursors;
  let typed: TypedCursor[];
  beforeEach(() => {
    typed = [];
    cursors = new TypedCursors();
    cursors.onDidType((place) => typed.push(place));
  });
  afterEach(async () => {
    cursors.dispose();
    await closeEditors();
  });

  it("are where the editor has put them, inside of a bracket that it closed and behind indentation", async () => {
    const { document } = await open("if (x) {\n  f");
    await type("(");
    await until("the bracket", () => typed.length === 1);
    assert.equal(document.lineAt(1).text, "  f()");
    assert.deepEqual(typed[0]?.position, new vscode.Position(1, 4));
    await execute("cursorEnd");
    await type("\n");
    await until("the line break", () => typed.length === 2);
    assert.strictEqual(typed[1]?.document, document);
    assert.deepEqual(typed[1]?.position, document.lineAt(2).range.end);
  });

  it("are none of other changes, of several cursors, and of moving", async () => {
    const editor = await open("const a = 1;\nconst b = 2;\n");
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "// a comment\n"));
    await execute("undo");
    await execute("cursorUp");
    await execute("deleteLeft");
    editor.selections = [0, 1].map((line) => new vscode.Selection(line, 5, line, 5));
    await type("x");
    await execute("removeSecondaryCursors");
    await type("y");
    await until("what was typed with one cursor", () => typed.length > 0);
    assert.equal(typed.length, 1);
  });
});
