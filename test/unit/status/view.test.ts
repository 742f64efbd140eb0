import assert from "node:assert/strict";
import { statusView, type StatusInput } from "../../../src/status/view";
import type { BackendState } from "../../../src/backend/backend";
import type { AdapterDescription, DraftModelDescription, ModelDescription } from "../../../src/engine/protocol";
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
  snoozedUntil: undefined,
  pausedOnBattery: "nothing",
  busy: undefined,
  last: undefined,
  workspace: { state: "off", files: 0, bytes: 0 },
};

const view = (input: StatusInput) => statusView(input, english);

describe("statusView", () => {
  it("names the server once in the item and once in its lines, while code goes there", () => {
    const shown = view({ ...base, server: { host: "box:8080", isUsed: true, problem: undefined } });
    assert.equal(shown.text, "$(sparkle) GPT-2: box:8080");
    assert.deepEqual(
      shown.lines.filter((line) => line.includes("box:8080")),
      ["Code goes to the server box:8080."],
    );
  });

  it("is calm before the first use", () => {
    const shown = view(base);
    assert.equal(shown.text, "$(sparkle) GPT-2");
    assert.equal(shown.warning, false);
  });

  it("spins while the model is opened, whatever the switches say", () => {
    assert.equal(view({ ...base, backend: { kind: "loading" }, inline: "off" }).text, "$(loading~spin) GPT-2");
  });

  it("says how much of the model is loaded, as far as that is known", () => {
    const shown = view({ ...base, backend: { kind: "loading", share: 0.426 } });
    assert.equal(shown.text, "$(loading~spin) GPT-2 42 %");
    assert.equal(shown.lines[0], "Loading the model: 42 %");
    assert.equal(view({ ...base, backend: { kind: "loading" } }).lines[0], "Loading the model…");
  });

  it("says until when suggestions are snoozed, with the day unless it is today", () => {
    const soon = new Date();
    const snoozed = view({ ...base, snoozedUntil: soon });
    assert.equal(snoozed.text, "$(bell-slash) GPT-2");
    assert.match(snoozed.lines[0] ?? "", /^Snoozed until \S+( [AP]M)?\. /);
    const later = new Date(soon.getTime() + 2 * 86_400_000);
    const day = later.toLocaleDateString(undefined, { weekday: "long" });
    assert.ok(view({ ...base, snoozedUntil: later }).lines[0]?.includes(day));
  });

  it("shows what is going on, and what is paused on battery", () => {
    assert.equal(view({ ...base, busy: "working" }).text, "$(sync~spin) GPT-2");
    assert.equal(view({ ...base, busy: "indexing" }).text, "$(database) GPT-2");
    assert.equal(view({ ...base, pausedOnBattery: "suggestions" }).text, "$(debug-pause) GPT-2");
    const idle = view({ ...base, pausedOnBattery: "idleWork" });
    assert.equal(idle.text, "$(sparkle) GPT-2");
    assert.match(idle.lines.at(-1) ?? "", /nothing is prepared between keystrokes/);
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

  it("says how a model is split over several heaps", () => {
    const parts = [
      { backend: "kernels", layers: 4, weightBytes: 20_000_000 },
      { backend: "onnxruntime", layers: 2, weightBytes: 11_400_000 },
    ] as const;
    const split = { ...localModel, info: { ...localModel.info, parts } };
    assert.equal(view({ ...base, backend: readyModel(split) }).lines[3], "Split over 2 heaps: 4 + 2 layers");
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

  it("names the adapters, and says why one is not used", () => {
    const adapters: AdapterDescription[] = [
      { kind: "ready", name: "adapters/sql", rank: 8, bytes: 1_180_000 },
      { kind: "unusable", name: "adapters/old", problem: "The adapter is damaged." },
    ];
    assert.deepEqual(view({ ...base, backend: readyModel({ ...localModel, adapters }) }).lines.slice(-2), [
      "Adapter: adapters/sql (rank 8)",
      "The adapter adapters/old is not used. The adapter is damaged.",
    ]);
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
