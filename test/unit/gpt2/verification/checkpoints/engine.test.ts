import type { BackendChoice } from "../../../../../src/gpt2/backends/backend";
import assert from "node:assert/strict";
import { checkpointSampler } from "../../../../../src/generation/sampling/checkpointSampler";
import { dequantizedWeights } from "../../../../../src/gpt2/verification/checkpoints/dequantizedWeights";
import { type CheckpointReport, runCheckpoints } from "../../../../../src/gpt2/verification/checkpoints/run";
import type { Gpt2Config } from "../../../../../src/gpt2/config/config";
import type { Precision } from "../../../../../src/gpt2/languageModel";
import type { Gpt2Weights } from "../../../../../src/gpt2/weights/weights";
import { oracleGreedy, oracleTokens } from "../../../../fixtures/oracleTensors";
import { openTappedTestModel } from "../../../../fixtures/runtime";
import { oracleModels, syntheticWeights } from "../../../../fixtures/syntheticModel";

describe("the twelve checkpoints of the WASM engine", () => {
  for (const model of oracleModels) {
    it(`pass in f32: ${model}`, async () => {
      const tokens = oracleTokens(`${model}.long`);
      const report = await run(syntheticWeights(model), "f32", { tokens });
      assert.deepEqual(statuses(report), allPassed);
      assert.deepEqual(report.continuation, oracleGreedy(`${model}.long`).slice(0, 10));
      assert.deepEqual(report.checkpoints[7]?.shape, [27, syntheticWeights(model).config.vocabSize]);
    });

    it(`pass in int8 on ONNX Runtime within the tolerance for 8-bit activations: ${model}`, async () => {
      const report = await run(syntheticWeights(model), "int8", { backend: "onnxruntime" });
      assert.deepEqual(statuses(report), allPassed);
      const [norm, qkv] = report.checkpoints;
      assert.ok(norm !== undefined && norm.maxAbsDiff < norm.tolerance && norm.tolerance === 1e-5);
      assert.ok(qkv !== undefined && qkv.maxAbsDiff > 1e-3, "the rounding of activations is shown");
    });

    it(`pass in int8 on the kernels, whose activations have a scale for each block: ${model}`, async () => {
      const tokens = oracleTokens(`${model}.long`);
      const report = await run(syntheticWeights(model), "int8", { tokens });
      assert.deepEqual(statuses(report), allPassed);
      for (const { number, name, maxAbsDiff, tolerance } of report.checkpoints) {
        // From the first matrix on; the exact ones have a tolerance of 0, and the softmax is of the engine's own logits.
        if (number >= 2 && number <= 8)
          assert.ok(maxAbsDiff <= 0.75 * tolerance, `${name}: ${maxAbsDiff} of ${tolerance}`);
      }
    });
  }

  const faults: readonly [checkpoint: number, fault: string, change: Partial<Gpt2Config>][] = [
    [1, "ε is 1e-6", { layerNormEpsilon: 1e-6 }],
    [4, "scores are not scaled", { scaleAttention: false }],
    [6, "GELU is the erf form", { activation: "gelu_erf" }],
    [8, "scores are also divided by the layer's number", { scaleByInverseLayer: true }],
  ];
  for (const [checkpoint, fault, change] of faults) {
    it(`fail from number ${checkpoint} on when ${fault}`, async () => {
      const weights = syntheticWeights("gpt2-tiny");
      const wrong = { ...weights, config: { ...weights.config, ...change } };
      const report = await run(weights, "f32", { wrong });
      assert.equal(report.checkpoints.findIndex(({ status }) => status === "failed") + 1, checkpoint);
    });
  }

  it("in int8 would not pass with the weights as they were before they were quantized", async () => {
    const weights = syntheticWeights("gpt2-tiny");
    await using model = await openTappedTestModel(weights, { precision: "int8", threads: 2 });
    const report = await runCheckpoints({ name: "test", model, weights, sampler: checkpointSampler });
    assert.equal(report.checkpoints[0]?.status, "failed");
  });
});

const allPassed = new Array<string>(12).fill("passed");

const statuses = (report: CheckpointReport) => report.checkpoints.map(({ status }) => status);

/** @param wrong the weights that the engine gets, in place of the right ones */
async function run(
  weights: Gpt2Weights,
  precision: Precision,
  {
    wrong = weights,
    tokens,
    backend = "auto",
  }: { wrong?: Gpt2Weights; tokens?: readonly number[]; backend?: BackendChoice },
): Promise<CheckpointReport> {
  await using model = await openTappedTestModel(wrong, { precision, threads: 2, backend });
  const reference = dequantizedWeights(weights, model.info);
  return await runCheckpoints({ name: "test", model, weights: reference, sampler: checkpointSampler, tokens });
}
