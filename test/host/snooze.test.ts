import { assert } from "chai";
import { Snooze } from "../../src/status/snooze";
import { accept, CODE, execute, invoke, open, PATIENCE, SILENCE, type } from "./typing";
import { closeEditors, pause, TestMemento } from "./support";

describe("GPT-2: Snooze", () => {
  afterEach(async () => {
    await execute("gpt2.resume");
    await closeEditors();
  });

  it("keeps suggestions away while one types, not those that are asked for, until they are resumed", async () => {
    const editor = await open(CODE);
    await type(".");
    assert.isTrue(await accept(editor.document, PATIENCE), "no ghost text came to begin with");
    await execute("undo");
    await execute("deleteLeft");

    await execute("gpt2.snooze", 5);
    await type(".");
    assert.isFalse(await accept(editor.document, SILENCE), "ghost text came while snoozed");
    await invoke();
    assert.isTrue(await accept(editor.document, PATIENCE), "what was asked for did not come");
    await execute("undo");
    await execute("deleteLeft");

    await execute("gpt2.resume");
    await type(".");
    assert.isTrue(await accept(editor.document, PATIENCE), "no ghost text came after resuming");
  });

  it("takes away the ghost text that is shown", async () => {
    const editor = await open(CODE);
    await type(".");
    assert.isTrue(await accept(editor.document, PATIENCE), "no ghost text came");
    await execute("undo");
    await invoke();
    await pause(SILENCE);
    await execute("gpt2.snooze", 5);
    await pause(200);
    assert.isFalse(await accept(editor.document, 500), "the ghost text stayed");
    await invoke();
    assert.isTrue(await accept(editor.document, PATIENCE), "there was none");
  });

  it("may last longer than any timer", async () => {
    const snooze = new Snooze(new TestMemento());
    try {
      let changes = 0;
      snooze.onDidChange(() => changes++);
      const minutes = 100 * 24 * 60;
      await snooze.begin(minutes);
      await pause(200);
      assert.equal(changes, 1);
      assert.isAbove(snooze.until?.getTime() ?? 0, Date.now() + (minutes - 1) * 60_000);
    } finally {
      // Also for the window's context key.
      await snooze.end();
      snooze.dispose();
    }
  });
});
