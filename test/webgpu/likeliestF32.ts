import assert from "node:assert/strict";
import type { Gpt2Weights } from "../../src/gpt2/weights/weights";
import { smallModel, testGpuBackend } from "../fixtures/gpu";
import { openTestModel } from "../fixtures/runtime";
import { greedyByLogits, greedyOnGpu, likeliestPrompt, likeliestTests } from "./likeliestTests";

const options = { precision: "f32", threads: 0 } as const;

/** Weights with NaN in a token's embedding, and so in its logit. */
function damaged(weights: Gpt2Weights, token: number): Gpt2Weights {
  const { width } = weights.config;
  const read = async (name: string) => {
    const values = (await weights.read(name)).slice();
    return name === "wte.weight" ? values.fill(NaN, token * width, (token + 1) * width) : values;
  };
  return { ...weights, read };
}

describe("the likeliest token on WebGPU in f32", function () {
  this.timeout(600_000);
  likeliestTests(() => testGpuBackend.open(smallModel("gpt2-tiny"), options));

  it("is the same as on WebAssembly", async () => {
    await using gpu = await testGpuBackend.open(smallModel("gpt2-tiny"), options);
    await using processor = await openTestModel(smallModel("gpt2-tiny"), { ...options, backend: "onnxruntime" });
    const expected = await greedyByLogits(processor, { count: 8 });
    assert.deepEqual(await greedyOnGpu(gpu, { count: 8, ahead: 2 }), expected);
  });

  it("has a logit of NaN when any logit is", async () => {
    await using broken = await testGpuBackend.open(damaged(smallModel("gpt2-tiny"), 399), options);
    using slot = await broken.acquire(likeliestPrompt);
    const chosen = await broken.forwardLikeliest?.(slot, likeliestPrompt);
    assert.ok(Number.isNaN(chosen?.[0]?.[0]?.logit));
  });
});
