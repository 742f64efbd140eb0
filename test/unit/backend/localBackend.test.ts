import assert from "node:assert/strict";
import { capabilitiesOf, type BackendState } from "../../../src/backend/backend";
import { LocalBackend } from "../../../src/backend/localBackend";
import type { EngineClient } from "../../../src/engine/client";
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
      checkpoints: true,
    });
    assert.equal(localModel?.config.architecture, "gpt2");
    assert.deepEqual(capabilitiesOf(backend.state), capabilities);
    assert.deepEqual(states, ["loading", "ready"]);
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

  it("reports the error of a model that cannot be opened", async () => {
    await using broken = engineInThread(bundledModel({ location: { kind: "path", path: "/nowhere/model.gguf" } }));
    const failing = new LocalBackend(broken);
    await assert.rejects(failing.describe(), /nowhere/);
    assert.equal(failing.state.kind, "failed");
    assert.equal(capabilitiesOf(failing.state), undefined);
  });
});
