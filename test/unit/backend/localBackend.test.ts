import assert from "node:assert/strict";
import { capabilitiesOf, type BackendState } from "../../../src/backend/backend";
import { LocalBackend } from "../../../src/backend/localBackend";
import type { EngineClient } from "../../../src/engine/client";
import { everyModule, peftContents, peftTensors, randomModules } from "../../fixtures/adapters";
import { bundledModel, engineInThread } from "../../fixtures/engine";

describe("LocalBackend", () => {
  let engine: EngineClient;
  let backend: LocalBackend;
  beforeEach(() => {
    engine = engineInThread(bundledModel());
    backend = new LocalBackend(engine);
  });
  afterEach(() => engine[Symbol.asyncDispose]());

  it("knows its capabilities once the model is open, and offers all of them with the bundled model", async () => {
    assert.equal(capabilitiesOf(backend.state), undefined);
    const states: BackendState["kind"][] = [];
    const subscription = backend.onDidChangeState(({ kind }) => states.push(kind));
    const { name, capabilities, localModel } = await backend.describe();
    assert.equal(name, "gpt2-code-mini");
    assert.deepEqual(capabilities, {
      fillInTheMiddle: true,
      alternatives: true,
      lineScores: true,
      readAhead: true,
      inspection: "layers",
      texts: { tokens: true, constraints: true, beams: true },
      checkpoints: true,
    });
    assert.equal(localModel?.config.architecture, "gpt2");
    assert.deepEqual(capabilitiesOf(backend.state), capabilities);
    // Once more for each percent of the model that is loaded.
    assert.deepEqual([...new Set(states)], ["loading", "ready"]);
    subscription[Symbol.dispose]();
  });

  it("streams text, and reports its timings", async () => {
    const finished: number[] = [];
    const subscription = backend.onDidFinish(({ newTokens }) => finished.push(newTokens));
    const texts: string[] = [];
    const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
    const { text, timings } = await backend.generate(
      { prompt: "const a = ", maxTokens: 6, sampling },
      { onText: (soFar) => texts.push(soFar) },
    );
    assert.ok(text.length > 0);
    assert.ok(texts.every((soFar) => text.startsWith(soFar)));
    assert.deepEqual(finished, [timings.newTokens]);
    subscription[Symbol.dispose]();
  });

  it("writes several texts, streamed with their tokens, and goes on after any token", async () => {
    const samplings = [1, 2].map((seed) => ({ temperature: 0.8, topK: 40, topP: 1, seed }));
    const request = { prompt: "const a = ", maxTokens: 8, samplings, alternatives: 4 };
    const streamed = ["", ""];
    const { texts } = await backend.generateTexts(request, {
      onGrowth: ({ index, token }) => (streamed[index] = (streamed[index] ?? "") + (token?.text ?? "")),
    });
    assert.deepEqual(
      texts.map(({ text }) => text),
      streamed,
    );
    assert.ok(texts.every(({ tokens }) => tokens.every(({ alternatives }) => alternatives.length === 4)));
    const [first] = texts;
    const written = first?.tokens.slice(0, 3).map(({ token }) => token) ?? [];
    const more = await backend.generateTexts({ ...request, samplings: samplings.slice(0, 1), written });
    const begun = first?.tokens.slice(0, 3).map(({ text }) => text);
    assert.ok(more.texts[0]?.text.startsWith(begun?.join("") ?? "-"));
    assert.equal(more.texts[0]?.tokens.length, 8);
  });

  it("finds likely texts with beams, streamed as the likeliest so far", async () => {
    const samplings = [1, 2].map((seed) => ({ temperature: 0, topK: 0, topP: 1, seed }));
    const grown: string[] = [];
    const { texts } = await backend.generateTexts(
      { prompt: "for (let i", maxTokens: 6, samplings, alternatives: 0, beams: { count: 3, lengthPenalty: 1 } },
      { onGrowth: ({ text }) => grown.push(text) },
    );
    assert.equal(texts.length, 2);
    assert.ok(grown.length > 0);
  });

  it("writes one text, several, and by beams with an adapter", async () => {
    const { localModel } = await backend.describe();
    if (!localModel) assert.fail();
    const modules = randomModules(localModel.config, everyModule(localModel.config), { seed: 1, strength: 0.5 });
    const files = Array.from(peftContents(peftTensors(modules)), ([name, bytes]) => ({ name, bytes }));
    const adapters = [{ name: "a", location: { kind: "bytes", name: "a", files } }] as const;
    await using adapted = engineInThread(bundledModel({ adapters }));
    const withAdapter = new LocalBackend(adapted);
    const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
    const request = { prompt: "const a = ", maxTokens: 6 };
    const several = { ...request, samplings: [sampling], alternatives: 0 };
    const beams = { ...several, beams: { count: 2, lengthPenalty: 1 } };
    const written = async (adapter: { readonly adapter?: string }) => [
      (await withAdapter.generate({ ...request, ...adapter, sampling })).text,
      (await withAdapter.generateTexts({ ...several, ...adapter })).texts[0]?.text,
      (await withAdapter.generateTexts({ ...beams, ...adapter })).texts[0]?.text,
    ];
    const [alone, changed] = [await written({}), await written({ adapter: "a" })];
    assert.equal(alone[0], (await backend.generate({ ...request, sampling })).text);
    for (const [i, text] of changed.entries()) assert.notEqual(text, alone[i], String(i));
  });

  it("reports the error of a model that cannot be opened", async () => {
    await using broken = engineInThread(bundledModel({ location: { kind: "path", path: "/nowhere/model.gguf" } }));
    const failing = new LocalBackend(broken);
    await assert.rejects(failing.describe(), /nowhere/);
    assert.equal(failing.state.kind, "failed");
    assert.equal(capabilitiesOf(failing.state), undefined);
  });
});
