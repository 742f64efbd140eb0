import { assert } from "chai";
import * as vscode from "vscode";
import { Scratch } from "./scratch";
import { withSettings } from "./support";
import { accepted, CODE, execute, loadModel, open, openFile, SILENCE, type } from "./typing";

describe("settings for where to suggest: suggestions come", () => {
  const scratch = new Scratch();
  let restore: () => Promise<void>;
  before(async () => {
    await loadModel();
    // How sure the model is also depends on whether the index answers in time.
    restore = await withSettings({ "inlineCompletions.eagerness": "eager" });
  });
  after(() => restore());
  afterEach(() => scratch.undo());

  describe("in comments and strings", () => {
    const COMMENT = CODE.replace(/return this$/, "// return this.items");

    it("unless they are turned off, at once", async () => {
      const comment = await open(COMMENT);
      await type(".");
      assert.match(await accepted(comment.document), /^length/);
      await execute("undo");
      await scratch.set({ "inlineCompletions.comments": false });
      await execute("deleteLeft");
      await type(".");
      assert.equal(await accepted(comment.document, SILENCE), "");
      const code = await open(CODE);
      await type(".");
      assert.notEqual(await accepted(code.document), "");
    });

    it("unless they are turned off for the language", async () => {
      const settings = vscode.workspace.getConfiguration("gpt2.inlineCompletions", { languageId: "typescript" });
      await settings.update("comments", false, vscode.ConfigurationTarget.Global, true);
      try {
        const comment = await open(COMMENT);
        await type(".");
        assert.equal(await accepted(comment.document, SILENCE), "");
      } finally {
        await settings.update("comments", undefined, vscode.ConfigurationTarget.Global, true);
      }
    });
  });

  it("while deleting, unless that is turned off", async () => {
    const editor = await open(`${CODE}.x`);
    await execute("deleteLeft");
    assert.notEqual(await accepted(editor.document), "");
    await scratch.set({ "inlineCompletions.whileDeleting": false });
    const calm = await open(`${CODE}.x`);
    await execute("deleteLeft");
    assert.equal(await accepted(calm.document, SILENCE), "");
    await execute("deleteLeft");
    await type(".");
    assert.notEqual(await accepted(calm.document), "");
  });

  it("in ignored files, unless they are excluded", async () => {
    await scratch.file("ignored/.gitignore", "generated.ts\n");
    const ignored = await scratch.file("ignored/generated.ts", CODE);
    const other = await scratch.file("ignored/written.ts", CODE);
    const editor = await openFile(ignored);
    await type(".");
    assert.notEqual(await accepted(editor.document), "");
    await scratch.set({ "inlineCompletions.excludeGitIgnore": true });
    await execute("undo");
    await execute("deleteLeft");
    await type(".");
    assert.equal(await accepted(editor.document, SILENCE), "");
    const written = await openFile(other);
    await type(".");
    assert.notEqual(await accepted(written.document), "");
  });

  it("in files that look like secrets only when they are not excluded", async () => {
    const secret = await scratch.file("secrets.ts", CODE);
    const editor = await openFile(secret);
    await type(".");
    assert.equal(await accepted(editor.document, SILENCE), "");
    await scratch.set({ "inlineCompletions.excludeSecrets": false });
    await execute("deleteLeft");
    await type(".");
    assert.notEqual(await accepted(editor.document), "");
  });

  it("in the commit message only when input boxes are on", async () => {
    const control = vscode.scm.createSourceControl("gpt2-test", "Test");
    try {
      const text = "Add the shopping cart to the page\n\nMove the shopping c";
      const editor = await open(text, "scminput");
      await scratch.set({ "inlineCompletions.languages": { "*": true } });
      await type("a");
      assert.equal(await accepted(editor.document, SILENCE), "");
      await scratch.set({ "inlineCompletions.inputBoxes": true });
      await execute("deleteLeft");
      await type("a");
      assert.match(await accepted(editor.document), /^rt/);
    } finally {
      control.dispose();
    }
  });
});
