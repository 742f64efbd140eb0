import assert from "node:assert/strict";
import { statusView, type StatusInput } from "../../../src/status/view";
import type { BackendState } from "../../../src/backend/backend";
import type { DraftModelDescription, ModelDescription } from "../../../src/engine/protocol";
import { english } from "../../fixtures/localization";
import { allCapabilities, readyWith } from "../../fixtures/backend";

const localModel: ModelDescription = {
  name: "gpt2-code-mini",
  config: {
    architecture: "gpt2",
    vocabSize: 50284,
    contextLength: 1024,
    width: 384,
    layers: 6,
    heads: 6,
    kvHeads: 6,
    innerWidth: 1536,
    activation: "gelu_tanh",
    layerNormEpsilon: 1e-5,
    scaleAttention: true,
    scaleByInverseLayer: false,
    tiedHead: true,
    beginOfText: 50256,
    endOfText: 50256,
    tokenizer: "p50k_edit",
  },
  info: { backend: "kernels", precision: "int8", threads: 2, weightBytes: 31_400_000, loadMs: 300 },
  tokenizer: "p50k_edit",
  fillInTheMiddle: true,
  storage: "gguf Q8_0",
};

function readyModel(model: ModelDescription): BackendState {
  return { kind: "ready", description: { name: model.name, capabilities: allCapabilities, localModel: model } };
}

const base: StatusInput = {
  backend: { kind: "idle" },
  inline: "on",
  language: "TypeScript",
  last: undefined,
  workspace: { state: "off", files: 0, bytes: 0 },
};

const view = (input: StatusInput) => statusView(input, english);

describe("statusView", () => {
  it("is calm before the first use", () => {
    const shown = view(base);
    assert.equal(shown.text, "$(sparkle) GPT-2");
    assert.equal(shown.warning, false);
  });

  it("spins while the model is opened, whatever the switches say", () => {
    assert.equal(view({ ...base, backend: { kind: "loading" }, inline: "off" }).text, "$(loading~spin) GPT-2");
  });

  it("says what is off: everything, or the language", () => {
    assert.match(view({ ...base, inline: "off" }).accessibleLabel, /are off\.$/);
    const language = view({ ...base, inline: "offForLanguage", language: "Markdown" });
    assert.equal(language.text, "$(circle-slash) GPT-2");
    assert.match(language.accessibleLabel, /off for Markdown/);
    assert.equal(view({ ...base, language: undefined }).text, "$(sparkle) GPT-2");
  });

  it("warns with the failure's own message", () => {
    const shown = view({ ...base, backend: { kind: "failed", error: new Error("There is no model at “/x”.") } });
    assert.equal(shown.warning, true);
    assert.deepEqual(shown.lines, ["There is no model at “/x”."]);
  });

  it("names the model, how it runs, and the last latency", () => {
    const last = {
      queueMs: 0,
      tokenizeMs: 1,
      prefillMs: 20,
      decodeMs: 60,
      firstTokenMs: 26.4,
      totalMs: 81.2,
      promptTokens: 200,
      cachedTokens: 199,
      newTokens: 8,
      draftedTokens: 0,
      acceptedTokens: 0,
    };
    assert.deepEqual(view({ ...base, backend: readyModel(localModel), last }).lines, [
      "Ready.",
      "gpt2-code-mini (gguf Q8_0)",
      "WebAssembly kernels, int8, 2 threads, 31 MB of weights",
      "Last: 8 tokens in 81 ms, the first after 26 ms",
    ]);
  });

  it("names a model that runs elsewhere, without details", () => {
    assert.deepEqual(view({ ...base, backend: readyWith() }).lines, ["Ready.", "test"]);
  });

  it("names the draft model, or says why it is not used", () => {
    const lastLine = (draftModel: DraftModelDescription) =>
      view({ ...base, backend: readyModel({ ...localModel, draftModel }) }).lines.at(-1);
    const [name, storage] = ["distilgpt2", "safetensors F32"];
    assert.equal(
      lastLine({ kind: "ready", name, storage, weightBytes: 83_900_000 }),
      "Draft model: distilgpt2 (safetensors F32), 84 MB of weights",
    );
    assert.equal(
      lastLine({ kind: "unusable", problem: "There is no model at “/x”." }),
      "The draft model is not used. There is no model at “/x”.",
    );
  });

  it("says how much of the workspace is indexed", () => {
    const linesFor = (state: StatusInput["workspace"]["state"]) =>
      view({ ...base, workspace: { state, files: 1234, bytes: 20_060_000 } }).lines.slice(1);
    assert.deepEqual(linesFor("off"), []);
    assert.deepEqual(linesFor("indexing"), ["Indexing the workspace: 1234 files, 20.1 MB"]);
    assert.deepEqual(linesFor("ready"), ["Workspace index: 1234 files, 20.1 MB"]);
    assert.match(linesFor("full")[0] ?? "", /^Workspace index: 1234 files, 20\.1 MB\. The memory limit/);
    assert.match(linesFor("failed")[0] ?? "", /failed/);
  });
});
