import assert from "node:assert/strict";
import { type CheckpointTensors, type Tensor, tap } from "../../../../src/gpt2/taps";
import { argmax, softmax } from "../../../../src/gpt2/definitions";
import { ContextOverflowError } from "../../../../src/gpt2/languageModel";
import { Reference } from "../../../../src/gpt2/verification/reference";
import {
  type OracleRun,
  type OracleTensor,
  oracleGreedy,
  oracleRuns,
  oracleSamples,
  oracleTensors,
  oracleTokens,
  wholeRuns,
} from "../../../fixtures/oracleTensors";
import { assertSameNumbers } from "../../../fixtures/difference";
import { type OracleModel, syntheticWeights } from "../../../fixtures/syntheticModel";

describe("the reference", () => {
  for (const run of wholeRuns) {
    it(`equals Hugging Face's float64 tensors to 1e-9: ${run}`, async () => {
      const actual = await oracleNames(run);
      const expected = oracleTensors(run);
      assert.ok(expected.size >= 25);
      for (const [name, tensor] of expected) assertClose(name, actual.get(name), tensor, () => 1e-9);
    });
  }

  for (const run of oracleRuns.filter((name) => oracleSamples(name).size > 0)) {
    it(`equals the samples of Hugging Face's float64 tensors to their nine digits: ${run}`, async () => {
      const actual = await oracleNames(run);
      const expected = oracleSamples(run);
      assert.ok(expected.size >= 25);
      for (const [name, tensor] of expected) {
        assertClose(name, actual.get(name), tensor, (value) => 1e-9 + Math.abs(value) * 5e-9);
      }
    });
  }

  for (const run of oracleRuns) {
    it(`continues ${run} greedily with the same 40 tokens`, async () => {
      await using weights = syntheticWeights(modelOf(run));
      const { tokens } = await new Reference(weights).continue(oracleTokens(run), 40);
      assert.deepEqual(tokens, oracleGreedy(run));
    });
  }

  it("gives the same logits for a prompt in one pass and token by token", async () => {
    await using weights = syntheticWeights("bigcode-tiny");
    const reference = new Reference(weights);
    const tokens = oracleTokens("bigcode-tiny.long");
    const whole = await reference.forward(reference.start(), tokens, { logitRows: 1 });
    let past = reference.start();
    let last = new Float64Array();
    for (const token of tokens) {
      const pass = await reference.forward(past, [token]);
      past = pass.past;
      last = pass.logits as Float64Array<ArrayBuffer>;
    }
    assert.ok(last.every((logit, i) => Math.abs(logit - (whole.logits[i] ?? NaN)) < 1e-12));
  });

  it("leaves a past as it was, so that it can be continued twice", async () => {
    await using weights = syntheticWeights("gpt2-tiny");
    const reference = new Reference(weights);
    const { past } = await reference.forward(reference.start(), [15496, 13], { logitRows: 1 });
    const first = await reference.forward(past, [9007]);
    await reference.forward(past, [13]);
    const again = await reference.forward(past, [9007]);
    assertSameNumbers(again.logits, first.logits);
  });

  it("refuses a token that is not in the vocabulary and a position that is not in the model", async () => {
    await using weights = syntheticWeights("gpt2-tiny");
    const reference = new Reference(weights);
    await assert.rejects(reference.forward(reference.start(), [50257]), RangeError);
    const full = new Array<number>(129).fill(13);
    await assert.rejects(reference.forward(reference.start(), full), ContextOverflowError);
  });

  it("stops between two blocks when it is called off", async () => {
    await using weights = syntheticWeights("gpt2-tiny");
    const reference = new Reference(weights);
    const controller = new AbortController();
    let blocks = 0;
    const onBlock = () => {
      blocks++;
      controller.abort();
    };
    const pass = reference.forward(reference.start(), [15496, 13], { signal: controller.signal, onBlock });
    await assert.rejects(pass, { name: "AbortError" });
    assert.equal(blocks, 1);
  });
});

const modelOf = (run: OracleRun) => run.slice(0, run.indexOf(".")) as OracleModel;

/** Runs the prompt and the first decode step, and gives the tensors the names that the stored ones have. */
async function oracleNames(run: OracleRun): Promise<ReadonlyMap<string, Tensor>> {
  await using weights = syntheticWeights(modelOf(run));
  const reference = new Reference(weights);
  const { layers } = weights.config;
  const perLayer = (name: (layer: number) => string) => Array.from({ length: layers }, (_, layer) => name(layer));
  const names = new Map([
    ["cp00_embeddings", tap.embeddings],
    ["cp01_ln_1", tap.ln1(0)],
    ["cp02_q", tap.query(0)],
    ["cp02_k", tap.key(0)],
    ["cp02_v", tap.value(0)],
    ["cp04_scores", tap.scores(0)],
    ["cp04b_attn_weights", tap.attentionWeights(0)],
    ["cp05_attn_out", tap.attention(0)],
    ["cp05b_ln_2", tap.ln2(0)],
    ["cp06_ffn", tap.feedForward(0)],
    ["cp07_block0", tap.block(0)],
    ...perLayer(tap.block).map((name, layer): [string, string] => [`block_${layer}_out`, name]),
    ["ln_f", tap.finalNorm],
    ["cp08_logits", tap.logits],
  ]);
  const taps = [...names.values(), ...perLayer(tap.cachedKeys), ...perLayer(tap.cachedValues)];

  const prefill = await reference.forward(reference.start(), oracleTokens(run), { taps });
  const last = prefill.logits.subarray(-weights.config.vocabSize);
  const step = await reference.forward(prefill.past, [argmax(last)], { taps });
  const vector = (data: Float64Array): Tensor => ({ shape: [1, data.length], data });
  const tensors = new Map<string, Tensor>([
    ["cp09_last", vector(last)],
    ["cp11_probs_t08", vector(softmax(last, 0.8))],
    ["step1/cp09_last", vector(step.logits)],
  ]);
  for (const [prefix, pass] of [["", prefill] as const, ["step1/", step] as const]) {
    tensors.set(`${prefix}cp03_cache`, stackCache(pass.tensors, layers));
    for (const [oracleName, name] of names) {
      const tensor = pass.tensors.get(name);
      assert.ok(tensor, name);
      tensors.set(prefix + oracleName, tensor);
    }
  }
  return tensors;
}

/** Keys and values of all layers as one tensor `[L, 2, T, kvHeads, hd]`. */
function stackCache(tensors: CheckpointTensors, layers: number): Tensor {
  const parts = Array.from({ length: layers }, (_, layer) => [tap.cachedKeys(layer), tap.cachedValues(layer)])
    .flat()
    .map((name) => tensors.get(name));
  const data = Float64Array.from(parts.flatMap((part) => [...(part?.data ?? [])]));
  return { shape: [layers, 2, ...(parts[0]?.shape ?? [])], data };
}

function assertClose(
  name: string,
  actual: Tensor | undefined,
  expected: OracleTensor,
  tolerance: (value: number) => number,
): void {
  assert.ok(actual, `${name} is missing`);
  const withoutBatch = expected.shape.filter((size) => size !== 1);
  assert.deepEqual(
    actual.shape.filter((size) => size !== 1),
    withoutBatch,
    `shape of ${name}`,
  );
  for (let i = 0; i < expected.values.length; i++) {
    const stored = expected.values[i] ?? NaN;
    const computed = actual.data[i * expected.stride] ?? NaN;
    assert.ok(
      Math.abs(computed - stored) <= tolerance(stored),
      `${name}[${i * expected.stride}] is ${computed}, not ${stored}`,
    );
  }
}
