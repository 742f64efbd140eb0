import assert from "node:assert/strict";
import type { LanguageModel } from "../../src/gpt2/languageModel";
import { parseDeviceMap, planParts } from "../../src/gpt2/split/deviceMap";
import { openSplitModel } from "../../src/gpt2/split/openSplit";
import { smallModel, testGpuBackend } from "../fixtures/gpu";
import { maxDifference, openTestModel, testBackends } from "../fixtures/runtime";

const options = { precision: "f32", threads: 1 } as const;
const tokens = Array.from({ length: 24 }, (_, i) => (i * 7919 + 5) % 400);

/** The logits of two rows, after a prompt that was read in two steps, of which one was rolled back and read again. */
async function logitsOf(model: LanguageModel): Promise<Float32Array> {
  using slot = await model.acquire(tokens);
  await model.forward(slot, tokens.slice(0, 15), 0);
  model.rewind(slot, 9);
  return (await model.forward(slot, tokens.slice(9), 2)).slice();
}

describe("a model whose layers are split over WebGPU and WebAssembly", function () {
  this.timeout(600_000);

  for (const map of ["webgpu:1,onnxruntime:1", "onnxruntime:1,webgpu:1"]) {
    it(`has the logits of the whole one: ${map}`, async () => {
      const weights = smallModel("gpt2-tiny");
      const backends = [...testBackends, testGpuBackend];
      const distribution = { config: weights.config, precision: options.precision, backend: testGpuBackend, backends };
      await using split = await openSplitModel(
        planParts({ ...distribution, map: parseDeviceMap(map) }),
        weights,
        options,
      );
      await using whole = await openTestModel(weights, { ...options, backend: "onnxruntime" });
      const difference = maxDifference(await logitsOf(split), await logitsOf(whole));
      assert.ok(difference < 1e-4, `the logits differ by ${difference}`);
      assert.ok(split.branch === undefined, "Parts on ONNX Runtime cannot branch.");
    });
  }
});
