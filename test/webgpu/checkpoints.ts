import assert from "node:assert/strict";
import { checkpointSampler } from "../../src/generation/sampling/checkpointSampler";
import type { Precision } from "../../src/gpt2/languageModel";
import { dequantizedWeights } from "../../src/gpt2/verification/checkpoints/dequantizedWeights";
import { type CheckpointReport, runCheckpoints } from "../../src/gpt2/verification/checkpoints/run";
import type { Gpt2Weights } from "../../src/gpt2/weights/weights";
import { hasHalf, smallModel, testGpuBackend } from "../fixtures/gpu";

describe("the twelve checkpoints on WebGPU", function () {
  this.timeout(600_000);

  it("pass in f32, with the tokens that the reference writes", async () => {
    assert.deepEqual(failures(await run(smallModel("gpt2-tiny"), "f32", prompt)), []);
  });

  for (const precision of ["int8", "int4"] as const) {
    it(`pass in ${precision} against the weights that the bits stand for`, async () => {
      assert.deepEqual(failures(await run(smallModel("bigcode-tiny"), precision, prompt)), []);
    });
  }

  it("pass in f16 where the adapter has it, and are refused elsewhere", async () => {
    const half = await hasHalf();
    const running = run(smallModel("gpt2-tiny"), "f16", prompt);
    if (half) assert.deepEqual(failures(await running), []);
    else await assert.rejects(running, { name: "BackendUnavailableError", message: /shader-f16/ });
  });
});

const prompt = Array.from({ length: 21 }, (_, i) => (i * 37) % 400);

/** The checkpoints that did not pass, with their differences. */
function failures({ checkpoints }: CheckpointReport): readonly unknown[] {
  return checkpoints
    .filter(({ status }) => status !== "passed")
    .map(({ number, name, maxAbsDiff, tolerance, parts }) => ({ number, name, maxAbsDiff, tolerance, parts }));
}

async function run(weights: Gpt2Weights, precision: Precision, tokens: readonly number[]): Promise<CheckpointReport> {
  await using model = await testGpuBackend.openTapped(weights, { precision, threads: 0 });
  const reference = dequantizedWeights(weights, model.info);
  return await runCheckpoints({ name: "test", model, weights: reference, sampler: checkpointSampler, tokens });
}
