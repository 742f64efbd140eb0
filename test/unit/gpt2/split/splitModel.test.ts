import assert from "node:assert/strict";
import { ComputeError } from "../../../../src/gpt2/errors";
import type { BackendId, LanguageModel, Precision } from "../../../../src/gpt2/languageModel";
import { checkpointTaps, tap } from "../../../../src/gpt2/taps";
import type { Gpt2Weights } from "../../../../src/gpt2/weights/weights";
import { assertSameNumbers, assertSameTensors } from "../../../fixtures/difference";
import { greedy, openTappedTestModel, openTestModel } from "../../../fixtures/runtime";
import { openSplitTestModel, openTappedSplitTestModel } from "../../../fixtures/splitModel";
import { oracleConfig, oracleScales, randomWeights } from "../../../fixtures/syntheticModel";

/** Five layers with scores that depend on the layer's number. */
function fiveLayers(tiedHead = true): Gpt2Weights {
  const config = { ...oracleConfig("gpt2-tiny"), layers: 5, scaleByInverseLayer: true, vocabSize: 700, tiedHead };
  return randomWeights(config, 3, oracleScales("gpt2-tiny"));
}

const prompt = Array.from({ length: 40 }, (_, i) => (i * 7919 + 5) % 700);

const cases: readonly { readonly backend: BackendId; readonly precision: Precision; readonly maps: string[] }[] = [
  { backend: "kernels", precision: "int8", maps: ["1,4", "2,2,1", "1,1,1,1,1"] },
  { backend: "onnxruntime", precision: "int8", maps: ["2,3"] },
  { backend: "onnxruntime", precision: "f32", maps: ["2,2,1"] },
];

async function logitsOf(model: LanguageModel): Promise<Float32Array> {
  using slot = await model.acquire(prompt);
  return (await model.forward(slot, prompt, 7)).slice();
}

describe("a model that is split", () => {
  for (const { backend, precision, maps } of cases) {
    const options = { precision, threads: 1 } as const;

    it(`has the logits of the whole one, bit for bit, on ${backend} in ${precision}`, async () => {
      await using model = await openTestModel(fiveLayers(), { backend, ...options });
      const [logits, written] = [await logitsOf(model), await greedy(model, prompt, 12)];
      for (const map of maps) {
        await using split = await openSplitTestModel(fiveLayers(), withBackend(map, backend), options);
        assertSameNumbers(await logitsOf(split), logits, map);
        assert.deepEqual(await greedy(split, prompt, 12), written, map);
      }
    });

    it(`returns the tensors inside it, and has a head of its own, on ${backend} in ${precision}`, async () => {
      await using model = await openTappedTestModel(fiveLayers(false), { backend, ...options });
      await using split = await openTappedSplitTestModel(fiveLayers(false), withBackend("2,3", backend), options);
      const taps = checkpointTaps(model.config);
      const [slot, other] = [await model.acquire(prompt), await split.acquire(prompt)];
      for (const tokens of [prompt.slice(0, 30), prompt.slice(30)]) {
        const expected = await model.forwardTapped(slot, tokens, taps);
        const actual = await split.forwardTapped(other, tokens, taps);
        assertSameTensors(actual, expected);
      }
      await assert.rejects(split.forwardTapped(other, [1], [tap.lens]), ComputeError);
    });
  }

  it("computes a step that is longer than a part takes", async () => {
    const config = { ...oracleConfig("gpt2-tiny"), contextLength: 600, layers: 3, vocabSize: 300 };
    const weights = () => randomWeights(config, 4, oracleScales("gpt2-tiny"));
    const tokens = Array.from({ length: 590 }, (_, i) => (i * 31) % 300);
    await using model = await openTestModel(weights(), { precision: "int8", threads: 1 });
    await using split = await openSplitTestModel(weights(), "1,2", { precision: "int8", threads: 1 });
    using slot = await model.acquire(tokens);
    using other = await split.acquire(tokens);
    assertSameNumbers(await split.forward(other, tokens, 400), await model.forward(slot, tokens, 400));
  });

  it("says what runs its parts, and adds their memory up", async () => {
    await using split = await openSplitTestModel(fiveLayers(), "kernels:4,onnxruntime:1", {
      precision: "int8",
      threads: 1,
    });
    const { parts = [], weightBytes, backend } = split.info;
    assert.equal(backend, "kernels");
    assert.deepEqual(
      parts.map(({ backend, layers }) => [backend, layers]),
      [
        ["kernels", 4],
        ["onnxruntime", 1],
      ],
    );
    assert.equal(
      weightBytes,
      parts.reduce((sum, part) => sum + part.weightBytes, 0),
    );
    assert.ok(split.heapBytes > weightBytes);
  });

  it("keeps its slots within the budget of the whole model", async () => {
    const budget = 5 * 2 * 64 * 4 * 128;
    const options = { precision: "int8", threads: 1, cacheBudgetBytes: budget } as const;
    await using split = await openSplitTestModel(fiveLayers(), "2,3", options);
    for (const token of [1, 2, 3]) {
      using slot = await split.acquire([token, 4]);
      await split.forward(slot, [token, 4]);
    }
    const bytes = split.slots().reduce((sum, slot) => sum + slot.bytes, 0);
    assert.ok(split.slots().length === 1 && bytes <= budget, `${split.slots().length} slots, ${bytes} bytes`);
  });
});

function withBackend(map: string, backend: BackendId): string {
  return map
    .split(",")
    .map((layers) => `${backend}:${layers}`)
    .join(",");
}
