import assert from "node:assert/strict";
import { defaultForm } from "../../../src/generate/form";
import { FormMemory } from "../../../src/generate/formMemory";
import { MapStore } from "../../fixtures/mapStore";

const form = { ...defaultForm, prompt: "secret", header: "// a.ts\n", languageId: "typescript", texts: 4, seed: 2 };

describe("the memory of the form", () => {
  it("keeps the settings everywhere and the prompt in its workspace", async () => {
    const global = new MapStore();
    const keepsPrompt = () => true;
    const memory = new FormMemory({ global, workspace: new MapStore(), keepsPrompt });
    assert.deepEqual(memory.read({ ...defaultForm, maxTokens: 5 }), { ...defaultForm, maxTokens: 5 });
    await memory.write(form);
    assert.deepEqual(memory.read(defaultForm), form);
    const elsewhere = new FormMemory({ global, workspace: new MapStore(), keepsPrompt });
    const { texts, seed } = form;
    assert.deepEqual(elsewhere.read(defaultForm), { ...defaultForm, texts, seed });
  });

  it("keeps no prompt while there is no history, and forgets it when that is turned off", async () => {
    const [global, workspace] = [new MapStore(), new MapStore()];
    let keeps = true;
    const memory = new FormMemory({ global, workspace, keepsPrompt: () => keeps });
    await memory.write(form);
    await memory.settingChanged();
    assert.equal(workspace.size, 1);
    keeps = false;
    await memory.settingChanged();
    assert.equal(workspace.size, 0);
    await memory.write(form);
    assert.equal(workspace.size, 0);
    assert.equal(memory.read(defaultForm).prompt, "");
    assert.ok(!JSON.stringify(global.get("gpt2.generate.form")).includes("secret"));
  });
});
