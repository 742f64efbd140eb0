import type { EngineView } from "../../src/diagnostics/engineViews";
import type { ModelRow, ModelsView } from "../../src/models/modelsView";
import type { TabViews } from "../../src/diagnostics/protocol";
import {
  defaultSampling,
  type CandidateRow,
  type CheckpointsView,
  type LayersView,
  type LogitsView,
  type PromptToken,
  type TextView,
  type WhyLine,
  type WhyView,
} from "../../src/diagnostics/views";

/** What the host could send to the diagnostics page, for tests of the page alone. */

const place = { file: "src/area.ts", line: 3, column: 12 };

export const candidates: readonly CandidateRow[] = [
  { token: 5436, text: " Math", logit: 14.25, probability: 0.7312, chance: 0.8523, rank: 1 },
  { token: 374, text: " Mat", logit: 12.5, probability: 0.127, chance: 0.1477, rank: 2 },
  { token: 198, text: "\n", logit: 9.125, probability: 0.00431, chance: 0, rank: 3 },
  { token: 50256, text: "<|endoftext|>", logit: 3.5, probability: 0.00002, chance: 0, rank: 4 },
];

const rest: readonly CandidateRow[] = Array.from({ length: 26 }, (_, i) => ({
  token: 1000 + i,
  text: ` word${i}`,
  logit: 3 - i / 10,
  probability: 0.00001,
  chance: 0,
  rank: 5 + i,
}));

export const logits: LogitsView = {
  kind: "logits",
  cursor: place,
  before: "function area(r: number) {\n\treturn Ma",
  rolledBack: " Ma",
  choices: 50284,
  sampling: { ...defaultSampling, healing: true, topK: 2 },
  candidates: [...candidates, ...rest],
  found: undefined,
  ms: 12.3,
};

const tokens: readonly PromptToken[] = [
  { token: 50256, text: "<|endoftext|>", segment: "special" },
  { token: 50281, text: "<|fim_prefix|>", segment: "special", prediction: { surprisal: 8.2, entropy: 9.1, rank: 300 } },
  { token: 92, text: "}", segment: "suffix", prediction: { surprisal: 2.1, entropy: 3.3, rank: 2 } },
  { token: 198, text: "\n", segment: "suffix", prediction: { surprisal: 0.4, entropy: 1.2, rank: 1 } },
  { token: 1003, text: "//", segment: "header", prediction: { surprisal: 1.1, entropy: 2.2, rank: 1 } },
  { token: 1989, text: " area", segment: "header", prediction: { surprisal: 11, entropy: 7, rank: 999 } },
  { token: 198, text: "\n", segment: "header", prediction: { surprisal: 0.2, entropy: 0.9, rank: 1 } },
  { token: 8818, text: "function", segment: "prefix", prediction: { surprisal: 3.4, entropy: 5, rank: 6 } },
  { token: 1989, text: " area", segment: "prefix", prediction: { surprisal: 14, entropy: 8.4, rank: 1234 } },
  { token: 7, text: "(", segment: "prefix", prediction: { surprisal: 0.3, entropy: 0.8, rank: 1 } },
  { token: 6, text: " Ma", segment: "rolledBack", prediction: { surprisal: 7, entropy: 4, rank: 17 } },
];

export const text: TextView = {
  kind: "text",
  cursor: place,
  tokens,
  contextLength: 1024,
  windowStart: 4096,
  expected: { position: 10, candidates },
  ms: 48.2,
};

export const layers: LayersView = {
  kind: "layers",
  cursor: place,
  tokens,
  position: 9,
  blocks: Array.from({ length: 6 }, (_, layer) => ({
    layer,
    candidates: layer < 3 ? rest.slice(layer, layer + 5) : candidates,
  })),
  attention: {
    layer: 5,
    head: 1,
    layers: 6,
    heads: 4,
    weights: [0.41, 0.02, 0.005, 0.015, 0.04, 0.11, 0, 0.1, 0.25, 0.05],
  },
  ms: 61,
};

const names = ["Layer normalization", "QKV projection", "KV cache state"];
const histogram = { edges: [0, 1e-9, 1e-8, 1e-7, 1e-6], counts: [12, 0, 40, 600, 116, 0] };

export const checkpoints: CheckpointsView = {
  kind: "checkpoints",
  state: "done",
  message: undefined,
  subject: "gpt2-code-mini: int8 on kernels, 2 threads",
  progress: 1,
  checkpoints: names.map((name, i) => ({
    number: i + 1,
    name,
    compares: `what ${name} computes, [S, D]`,
    guidance: "Look at the embeddings first.",
    result: {
      status: (["passed", "failed", "suspect"] as const)[i] ?? "suspect",
      shape: [2, 384],
      maxAbsDiff: i === 2 ? null : 2.4e-7 * 10 ** (4 * i),
      tolerance: 1e-5,
      parts: [
        {
          name: "h.0.ln_1, prefill",
          shape: [2, 384],
          maxAbsDiff: i === 2 ? null : 2.4e-7 * 10 ** (4 * i),
          at: [1, 17],
          tolerance: 1e-5,
          passed: i === 0,
          histogram,
          firstValues: { expected: [0.1234567, -2, 3e-9], actual: [0.1234569, -2, null] },
          ...(i === 2 && { note: "The engine did not yield this tensor." }),
        },
      ],
    },
  })),
  adapters: [],
  comparison: {
    state: "done",
    message: undefined,
    rows: [
      {
        backends: ["kernels (int8)", "onnxruntime (int8)"],
        ...{ logits: 0.00213, flips: [], positions: 27 },
      },
      {
        backends: ["kernels (int8)", "webgpu (int8)"],
        ...{ logits: null, flips: [3, 9], positions: 27 },
        first: {
          name: "h.2.attn.key",
          checkpoint: { number: 2, name: "QKV projection" },
          ...{ layer: 2, maxAbsDiff: 0.31, tolerance: 0.02 },
        },
      },
    ],
  },
};

export const engine: EngineView = {
  kind: "engine",
  state: "ready",
  message: undefined,
  model: {
    name: "gpt2-code-mini",
    storage: "gguf Q8_0",
    architecture: "gpt2",
    layers: 6,
    heads: 6,
    width: 384,
    vocabSize: 50284,
    contextLength: 1024,
    tokenizer: "p50k_edit",
    fillInTheMiddle: true,
    backend: "kernels",
    precision: "int8",
    threads: 2,
    weightBytes: 31_400_000,
    heapBytes: 96_000_000,
    loadMs: 412,
    adapters: [{ kind: "ready", name: "adapters/sql", rank: 8, bytes: 1_180_000 }],
  },
  backends: {
    measuring: false,
    chosen: "kernels",
    speeds: [
      { backend: "kernels", isUsed: true, speed: { prefillMs: 0.25, decodeMs: 1.25, suggestionMs: 15.5 } },
      { backend: "webgpu", isUsed: false, speed: { prefillMs: 0.125, decodeMs: 4, suggestionMs: 41.5 } },
      { backend: "onnxruntime", isUsed: false, speed: undefined, problem: "Its files are missing." },
    ],
  },
  slots: [{ id: 0, length: 214, capacity: 512, bytes: 9_437_184, idleMs: 3100 }],
  recent: Array.from({ length: 8 }, (_, i) => ({
    queueMs: i === 3 ? 22 : 0.1,
    tokenizeMs: 0.4,
    prefillMs: i === 7 ? 210 : 11.2,
    decodeMs: 80 - 9 * i,
    firstTokenMs: i === 7 ? 221 : 16.3 + 5 * i,
    totalMs: i === 0 ? 92 : i === 7 ? 232 : 120 - 9 * i,
    promptTokens: 214,
    cachedTokens: i === 7 ? 0 : 212,
    newTokens: 8 - i,
    draftedTokens: 6,
    acceptedTokens: 3,
  })),
};

const whyLine: WhyLine = {
  text: "Math.PI * r ** 2;",
  ...{ probability: 0.312, logProbability: -3.5, fromModel: true, isRenamed: false },
  places: [{ uri: "file:///w/src/circle.ts", file: "src/circle.ts", line: 12 }],
};

export const why: Extract<WhyView, { kind: "why" }> = {
  kind: "why",
  linePrefix: "  return ",
  shown: true,
  threshold: 0.2,
  lines: [
    whyLine,
    {
      text: "Math.abs(r);",
      ...{ probability: 0.05, logProbability: null, fromModel: false, isRenamed: true },
      places: [{ uri: "file:///w/src/abs.ts", file: "src/abs.ts", line: 1 }],
    },
  ],
};

const medium: ModelRow = {
  ...{ id: "installed medium", name: "GPT-2 Medium", origin: "openai-community/gpt2-medium", state: "installed" },
  ...{ kind: "text", license: "MIT", bytes: 1_520_000_000, parameters: 354_823_168, gated: false },
  memory: { fits: true, text: "Needs 950 MB of memory." },
  actions: ["use", "delete", "folder", "page"],
};

export const models: ModelsView = {
  installed: [
    {
      ...{ id: "bundled", name: "Bundled model", origin: "gpt2-code-mini", state: "active" },
      ...{ kind: "code", gated: false, actions: [] },
    },
    medium,
    {
      ...{ ...medium, id: "installed small", name: "GPT-2", origin: "openai-community/gpt2", state: "partial" },
      ...{ bytes: 137_000_000, share: 0.25, actions: ["download", "delete", "folder", "page"] },
    },
  ],
  offered: [
    {
      ...{ id: "offered xl", name: "GPT-2 XL", origin: "openai-community/gpt2-xl", state: "offered", kind: "text" },
      ...{ license: "MIT", bytes: 6_430_000_000, parameters: 1_557_611_200, gated: false },
      memory: { fits: false, text: "Needs 4.2 GB of memory while it is loaded: tight on this machine." },
      actions: ["download", "page"],
    },
    {
      ...{ id: "offered coder", name: "StarCoderBase 1B", origin: "bigcode/starcoderbase-1b", state: "offered" },
      ...{ kind: "code", license: "BigCode OpenRAIL-M", bytes: 4_550_000_000, gated: true },
      actions: ["download", "page"],
    },
  ],
  hub: "huggingface.co",
};

export const views: TabViews = { logits, text, layers, why, checkpoints, engine, models };

/** The same views with `attack` wherever text comes from a document, a model or an error. */
export function hostile(attack: string): TabViews {
  const row = { ...(candidates[0] as CandidateRow), text: attack };
  const token: PromptToken = { ...(tokens[7] as PromptToken), text: attack };
  const where = { ...place, file: attack };
  return {
    logits: { ...logits, cursor: where, before: attack, rolledBack: "", candidates: [row], found: [row] },
    text: { ...text, cursor: where, tokens: [token], expected: { position: 0, candidates: [row] } },
    layers: {
      ...layers,
      cursor: where,
      tokens: [token],
      position: 0,
      blocks: [{ layer: 0, candidates: [row] }],
      attention: { ...layers.attention, weights: [1] },
    },
    why: {
      ...why,
      linePrefix: attack,
      lines: [{ ...whyLine, text: attack, places: [{ uri: attack, file: attack, line: 1 }] }],
    },
    checkpoints: {
      ...checkpoints,
      comparison: {
        state: "failed",
        message: attack,
        rows: [{ backends: [attack, attack], problem: attack }],
      },
      subject: attack,
      checkpoints: checkpoints.checkpoints.map((checkpoint) => ({
        ...checkpoint,
        name: attack,
        compares: attack,
        guidance: attack,
        ...(checkpoint.result && {
          result: {
            ...checkpoint.result,
            parts: checkpoint.result.parts.map((part) => ({ ...part, name: attack, note: attack })),
          },
        }),
      })),
    },
    models: { ...models, offered: [{ ...medium, name: attack, origin: attack, license: attack }] },
    engine: {
      ...engine,
      backends: {
        ...engine.backends,
        speeds: [{ backend: "webgpu", isUsed: false, speed: undefined, problem: attack }],
      },
      message: attack,
      ...(engine.model && { model: { ...engine.model, name: attack } }),
    },
  };
}
