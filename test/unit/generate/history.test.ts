import assert from "node:assert/strict";
import { defaultForm } from "../../../src/generate/form";
import { GenerateHistory, maxEntries } from "../../../src/generate/history";
import { MapStore } from "../../fixtures/mapStore";

const entry = { at: 1, model: "m", form: { ...defaultForm, prompt: "p", seed: 3 }, texts: ["t"] };

describe("the history of Generate", () => {
  it("keeps the newest, and can be looked at, shortened and cleared", async () => {
    const history = new GenerateHistory(new MapStore(), () => true);
    let changes = 0;
    const subscription = history.onDidChange(() => changes++);
    for (let at = 0; at < maxEntries + 5; at++) await history.add({ ...entry, at });
    assert.equal(history.entries.length, maxEntries);
    const [newest] = history.entries;
    assert.ok(newest);
    const { id, ...rest } = newest;
    assert.deepEqual(rest, { ...entry, at: maxEntries + 4 });
    await history.remove(id);
    assert.equal(history.entries[0]?.at, maxEntries + 3);
    await history.clear();
    assert.deepEqual([history.entries, changes], [[], maxEntries + 7]);
    subscription[Symbol.dispose]();
  });

  it("keeps nothing while it is off, and forgets when it is turned off", async () => {
    const store = new MapStore();
    let isOn = true;
    const history = new GenerateHistory(store, () => isOn);
    await history.add(entry);
    await history.settingChanged();
    assert.equal(history.entries.length, 1);
    isOn = false;
    assert.deepEqual(history.entries, []);
    await history.settingChanged();
    await history.add(entry);
    assert.equal(store.size, 0);
    isOn = true;
    assert.deepEqual(history.entries, []);
  });

  it("keeps no generation without text, and of a long prompt the end", async () => {
    const history = new GenerateHistory(new MapStore(), () => true);
    await history.add({ ...entry, texts: ["", ""] });
    assert.equal(history.entries.length, 0);
    await history.add({ ...entry, form: { ...entry.form, prompt: "x".repeat(50_000) + "end" } });
    const prompt = history.entries.map(({ form }) => form.prompt).join();
    assert.ok(prompt.endsWith("xend") && prompt.length < 20_000);
  });

  it("leaves out what it cannot read", async () => {
    const store = new MapStore();
    await store.update("gpt2.generate.history", [
      3,
      null,
      { id: "a" },
      { id: "a", at: 1, texts: [1] },
      { id: "b", at: 1, texts: ["t"] },
    ]);
    const history = new GenerateHistory(store, () => true);
    assert.deepEqual(history.entries, [{ id: "b", at: 1, model: "", form: defaultForm, texts: ["t"] }]);
  });
});
