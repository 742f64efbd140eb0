import assert from "node:assert/strict";
import type { Backend } from "../../../../src/gpt2/backends/backend";
import { partConfig } from "../../../../src/gpt2/config/part";
import { ComputeError } from "../../../../src/gpt2/errors";
import type { Precision } from "../../../../src/gpt2/languageModel";
import { automaticRanges, parseDeviceMap, planParts } from "../../../../src/gpt2/split/deviceMap";
import { fitsHeap } from "../../../../src/gpt2/split/heapLimit";
import { openSplitModel } from "../../../../src/gpt2/split/openSplit";
import { preparedBytes } from "../../../../src/gpt2/weights/weightList";
import { planTestParts } from "../../../fixtures/splitModel";
import { gpt2Small, syntheticWeights } from "../../../fixtures/syntheticModel";

const large = { ...gpt2Small, width: 1280, innerWidth: 5120, layers: 36, heads: 20, kvHeads: 20 };
const extraLarge = { ...gpt2Small, width: 1600, innerWidth: 6400, layers: 48, heads: 25, kvHeads: 25 };
const oneBillion = {
  ...gpt2Small,
  vocabSize: 49_152,
  contextLength: 8192,
  width: 2048,
  innerWidth: 8192,
  layers: 24,
  heads: 16,
  kvHeads: 1,
};

describe("a device map", () => {
  it("lists layers, with or without a backend", () => {
    assert.equal(parseDeviceMap(" auto "), "auto");
    assert.equal(parseDeviceMap(""), "auto");
    assert.deepEqual(parseDeviceMap("18,18"), [{ layers: 18 }, { layers: 18 }]);
    assert.deepEqual(parseDeviceMap("webgpu: 20 , onnxruntime:16"), [
      { backend: "webgpu", layers: 20 },
      { backend: "onnxruntime", layers: 16 },
    ]);
  });

  it("is refused when it is something else", () => {
    for (const text of ["12,", "cuda:12", "0,12", "-1", "1.5", "kernels", "12;24", "1e2", "kernels:12:3", "999999"]) {
      assert.throws(() => parseDeviceMap(text), ComputeError, text);
    }
  });

  it("is refused when it counts other layers than the model has, or a backend cannot run a part", () => {
    assert.throws(() => planTestParts(gpt2Small, "6,7", "int8"), /counts 13 layers, and the model has 12/);
    assert.throws(() => planTestParts(gpt2Small, "webgpu:6,6", "int8"), /webgpu of the device map is not available/);
    assert.throws(() => planTestParts(gpt2Small, "kernels:6,6", "f32"), /cannot run this model in f32/);
  });

  it("is one part, automatically, where the model fits a heap", () => {
    assert.deepEqual(automaticRanges(gpt2Small, "f32", undefined), [{ from: 0, to: 12 }]);
    for (const config of [large, extraLarge, oneBillion]) {
      assert.deepEqual(automaticRanges(config, "int8", undefined), [{ from: 0, to: config.layers }]);
    }
  });

  for (const [name, config] of Object.entries({ large, extraLarge, oneBillion })) {
    it(`has as few parts as needed, of about the same size: ${name} in f32`, () => {
      const ranges = automaticRanges(config, "f32", undefined);
      assert.equal(ranges.length, 2);
      assert.deepEqual(
        ranges.map(({ from }) => from),
        [0, ...ranges.slice(0, -1).map(({ to }) => to)],
      );
      assert.equal(ranges.at(-1)?.to, config.layers);
      const sizes = ranges.map((range) => preparedBytes(partConfig(config, range), "f32"));
      const layer = preparedBytes(partConfig(config, { from: 0, to: 1 }), "f32");
      assert.ok(sizes.every(fitsHeap));
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1.5 * layer, sizes.join());
      assert.equal(
        sizes.reduce((sum, size) => sum + size, 0),
        preparedBytes(config, "f32"),
      );
    });
  }

  it("says what is too large for a heap: the cache that was asked for, or the model", () => {
    assert.throws(() => automaticRanges(gpt2Small, "int8", 1e15), /KV cache .*gpt2\.cacheMemory/);
    const huge = { ...gpt2Small, width: 40_000, innerWidth: 160_000 };
    assert.throws(() => automaticRanges(huge, "f32", undefined), /A layer of the model .* int8/);
  });

  it("does not split for a GPU, whose memory is not a heap's", () => {
    const gpu = { id: "webgpu", heap: "gpu" } as Backend;
    const plan = planParts({ config: extraLarge, precision: "f32", backend: gpu, backends: [gpu], map: "auto" });
    assert.deepEqual(plan, [{ from: 0, to: 48, backend: gpu }]);
  });

  it("leaves nothing open when a part cannot be opened", async () => {
    const plan = planTestParts(syntheticWeights("gpt2-tiny").config, "kernels:1,kernels:1", "int8");
    let opened = 0;
    const [first, second] = plan.map(({ backend, ...range }, index) => {
      const openPart: Backend["openPart"] = async (weights, options) => {
        if (index === 1) throw new ComputeError("no memory");
        const part = await backend.openPart?.(weights, options);
        if (!part) assert.fail("It opens parts.");
        opened++;
        const dispose = part[Symbol.asyncDispose].bind(part);
        return {
          ...part,
          async [Symbol.asyncDispose]() {
            await dispose();
            opened--;
          },
        };
      };
      return { ...range, backend: { ...backend, openPart } };
    });
    assert.ok(first && second);
    const options: { precision: Precision; threads: number } = { precision: "int8", threads: 2 };
    await assert.rejects(openSplitModel([first, second], syntheticWeights("gpt2-tiny"), options), /no memory/);
    assert.equal(opened, 0);
  });
});
