import assert from "node:assert/strict";
import type { CheckpointSampler } from "../../../../../src/gpt2/verification/checkpoints/evidence";
import { type CheckpointReport, runCheckpoints } from "../../../../../src/gpt2/verification/checkpoints/run";
import type { Gpt2Config } from "../../../../../src/gpt2/config/config";
import { add, argmax, layerNorm, softmax } from "../../../../../src/gpt2/definitions";
import type { LayerPast, Past } from "../../../../../src/gpt2/verification/reference";
import { transpose } from "../../../../../src/gpt2/weights/transpose";
import type { Gpt2Weights } from "../../../../../src/gpt2/weights/weights";
import { type Faults, ReferenceEngine } from "../../../../fixtures/referenceEngine";
import { oracleModels, syntheticWeights } from "../../../../fixtures/syntheticModel";

const sampler: CheckpointSampler = { greedy: argmax, probabilities: softmax };

/** A fault in the engine: in what it reads, in how it computes, or in how it chooses. */
interface Sabotage extends Faults {
  readonly weights?: (weights: Gpt2Weights) => Gpt2Weights;
  readonly sampler?: Partial<CheckpointSampler>;
}

const faults: readonly [checkpoint: number, fault: string, sabotage: Sabotage][] = [
  [1, "ε is 1e-6", { weights: (weights) => withConfig(weights, { layerNormEpsilon: 1e-6 }) }],
  [1, "variance is divided by D − 1", { formulas: { layerNorm: unbiasedLayerNorm } }],
  [
    1,
    "positions are counted from 1",
    { weights: (weights) => changed(weights, /^wpe/, (t, { width }) => shift(t, width)) },
  ],
  [2, "c_attn is not transposed", { weights: (weights) => changed(weights, /c_attn\.weight/, turned) }],
  [
    2,
    "c_attn's bias is on the wrong columns",
    { weights: (weights) => changed(weights, /c_attn\.bias/, (t, { width }) => shift(t, width)) },
  ],
  [3, "the cache keeps the row of a rewound token", { cache: keepRewound }],
  [
    3,
    "the cache's rows are shifted by one",
    { cache: (past, before) => (isEmpty(before) ? past : eachTensor(past, rotate)) },
  ],
  [3, "a step is not written to the cache", { cache: unwritten }],
  [4, "scores are divided by √D", { formulas: { attentionScale: ({ width }) => 1 / Math.sqrt(width) } }],
  [4, "scores are not scaled", { weights: (weights) => withConfig(weights, { scaleAttention: false }) }],
  [5, "a token sees the one after it", { formulas: { attends: (position, other) => other <= position + 1 } }],
  [5, "a token does not see itself", { formulas: { attends: (position, other) => other < Math.max(position, 1) } }],
  [5, "attn.c_proj is not transposed", { weights: (weights) => changed(weights, /attn\.c_proj\.weight/, turned) }],
  [6, "GELU is the erf form", { weights: (weights) => withConfig(weights, { activation: "gelu_erf" }) }],
  [6, "mlp.c_fc is not transposed", { weights: (weights) => changed(weights, /c_fc\.weight/, turned) }],
  [7, "the second residual is missing", { formulas: { residual: everyOther(add, (_, y) => y) } }],
  [8, "the head is not tied to the embedding", { weights: untied }],
  [
    8,
    "scores are also divided by the layer's number",
    { weights: (weights) => withConfig(weights, { scaleByInverseLayer: true }) },
  ],
  [9, "the first row is selected", { select: (logits, width) => logits.subarray(0, width) }],
  [10, "the last one wins on ties", { sampler: { greedy: (logits) => logits.lastIndexOf(Math.max(...logits)) } }],
  [11, "softmax without temperature", { sampler: { probabilities: (logits) => softmax(logits) } }],
  [
    12,
    "the cache is a row short from the second step on",
    { past: (past, length) => (length > 2 ? dropRow(past, length) : past) },
  ],
];

describe("the twelve checkpoints", () => {
  const tiny = keeping(syntheticWeights("gpt2-tiny"));

  for (const model of oracleModels) {
    it(`pass for an engine without a fault: ${model}`, async () => {
      await using weights = syntheticWeights(model);
      const report = await run(weights, {});
      assert.deepEqual(
        report.checkpoints.map(({ number, status }) => [number, status]),
        expectedStatuses(13),
      );
    });
  }

  for (const [checkpoint, fault, sabotage] of faults) {
    it(`number ${checkpoint} is the first to fail when ${fault}`, async () => {
      const report = await run(tiny, sabotage);
      assert.deepEqual(
        report.checkpoints.map(({ number, status }) => [number, status]),
        expectedStatuses(checkpoint),
      );
    });
  }

  it("covers every checkpoint with at least one fault", () => {
    assert.deepEqual([...new Set(faults.map(([checkpoint]) => checkpoint))], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });
});

/** Weights that are generated once. */
function keeping(weights: Gpt2Weights): Gpt2Weights {
  const tensors = new Map<string, Promise<Float32Array>>();
  const read = (name: string) => {
    const tensor = tensors.get(name) ?? weights.read(name);
    tensors.set(name, tensor);
    return tensor;
  };
  return { ...weights, read };
}

/** All passed before the one that fails, all suspect after it. */
function expectedStatuses(failing: number) {
  return Array.from({ length: 12 }, (_, i) => {
    const number = i + 1;
    return [number, number < failing ? "passed" : number === failing ? "failed" : "suspect"];
  });
}

function run(weights: Gpt2Weights, sabotage: Sabotage): Promise<CheckpointReport> {
  return runCheckpoints({
    name: "test",
    weights,
    count: 4,
    model: new ReferenceEngine(sabotage.weights?.(weights) ?? weights, sabotage),
    sampler: { ...sampler, ...sabotage.sampler },
  });
}

function withConfig(weights: Gpt2Weights, change: Partial<Gpt2Config>): Gpt2Weights {
  return { ...weights, config: { ...weights.config, ...change } };
}

/** Weights of which some tensors are read wrongly. */
function changed(
  weights: Gpt2Weights,
  names: RegExp,
  change: (tensor: Float32Array, config: Gpt2Config, name: string) => Float32Array,
): Gpt2Weights {
  const read = async (name: string) => {
    const tensor = await weights.read(name);
    return names.test(name) ? change(tensor, weights.config, name) : tensor;
  };
  return { ...weights, read };
}

/** A matrix `[in, out]` whose numbers are those of the file's `[out, in]`, or the other way round. */
function turned(tensor: Float32Array, { width, innerWidth }: Gpt2Config, name: string): Float32Array {
  const inputs = name.includes("mlp.c_proj") ? innerWidth : width;
  return transpose(tensor, inputs, tensor.length / inputs);
}

function untied(weights: Gpt2Weights): Gpt2Weights {
  const read = (name: string) => weights.read(name === "lm_head.weight" ? "wte.weight" : name);
  return changed({ ...withConfig(weights, { tiedHead: false }), read }, /lm_head/, (t, { width }) => shift(t, width));
}

function unbiasedLayerNorm(x: Float64Array, gain: Float32Array, bias: Float32Array, epsilon: number): Float64Array {
  const factor = Math.sqrt((gain.length - 1) / gain.length);
  return layerNorm(
    x,
    gain.map((value) => value * factor),
    bias,
    epsilon,
  );
}

function shift(tensor: Float32Array, by: number): Float32Array {
  const shifted = new Float32Array(tensor.length);
  shifted.set(tensor.subarray(by));
  shifted.set(tensor.subarray(0, by), tensor.length - by);
  return shifted;
}

function everyOther<A extends unknown[], R>(first: (...args: A) => R, second: (...args: A) => R): (...args: A) => R {
  let calls = 0;
  return (...args) => (calls++ % 2 === 0 ? first(...args) : second(...args));
}

function isEmpty(past: Past): boolean {
  return past[0]?.keys.length === 0;
}

function eachTensor(past: Past, change: (tensor: Float64Array) => Float64Array): Past {
  return past.map(({ keys, values }) => ({ keys: change(keys), values: change(values) }));
}

/** The rows of a step stay empty. */
function unwritten(past: Past, before: Past): Past {
  if (isEmpty(before)) return past;
  const length = before[0]?.keys.length ?? 0;
  return eachTensor(past, (tensor) => tensor.map((value, i) => (i < length ? value : 0)));
}

/** The first number goes to the end. */
function rotate(tensor: Float64Array): Float64Array {
  return Float64Array.of(...tensor.subarray(1), tensor[0] ?? 0);
}

function dropRow(past: Past, length: number): Past {
  return eachTensor(past, (tensor) => tensor.slice(0, tensor.length - tensor.length / length));
}

/** A row that was rewound stays where the new one should be. */
function keepRewound(past: Past, before: Past, rewound: Past): Past {
  const stale = (now: LayerPast, old: LayerPast | undefined): LayerPast =>
    old === undefined || isEmpty(before) || old.keys.length !== now.keys.length ? now : old;
  return past.map((layer, i) => stale(layer, rewound[i]));
}
