import assert from "node:assert/strict";
import type { BackendId, Precision } from "../../../../src/gpt2/languageModel";
import { tap } from "../../../../src/gpt2/taps";
import { compareModels } from "../../../../src/gpt2/verification/compareModels";
import type { Gpt2Weights } from "../../../../src/gpt2/weights/weights";
import { openTappedTestModel } from "../../../fixtures/runtime";
import { oracleConfig, oracleScales, randomWeights } from "../../../fixtures/syntheticModel";

const config = { ...oracleConfig("gpt2-tiny"), vocabSize: 400 };
const weights = randomWeights(config, 5, oracleScales("gpt2-tiny"));
const tokens = Array.from({ length: 20 }, (_, i) => (i * 37) % config.vocabSize);

async function compare(
  [backend, precision, of]: readonly [BackendId, Precision, Gpt2Weights],
  [against, otherPrecision, otherWeights]: readonly [BackendId, Precision, Gpt2Weights],
) {
  await using one = await openTappedTestModel(of, { backend, precision, threads: 1 });
  await using other = await openTappedTestModel(otherWeights, {
    backend: against,
    precision: otherPrecision,
    threads: 1,
  });
  return await compareModels(one, other, tokens);
}

/** Weights whose tensor `name` is twice as large. */
function doubled(name: string): Gpt2Weights {
  const read = async (tensor: string) =>
    (await weights.read(tensor)).map((value) => (tensor === name ? 2 * value : value));
  return { ...weights, read };
}

describe("the comparison of two backends", () => {
  it("finds nothing between the kernels and ONNX Runtime in int8", async () => {
    const { first, flips, positions, logits } = await compare(
      ["kernels", "int8", weights],
      ["onnxruntime", "int8", weights],
    );
    assert.deepEqual([first, positions], [undefined, 20]);
    assert.ok(logits > 0 && logits < 1 && flips.length <= 1);
  });

  it("names the layer and the tensor in which they begin to differ, and the positions with another likeliest token", async () => {
    const { first, flips } = await compare(
      ["onnxruntime", "f32", weights],
      ["onnxruntime", "f32", doubled("h.1.attn.c_attn.weight")],
    );
    assert.equal(first?.name, tap.key(1));
    assert.deepEqual([first.layer, first.pass], [1, "prefill"]);
    assert.deepEqual(first.checkpoint, { number: 2, name: "QKV projection" });
    assert.ok(first.maxAbsDiff > first.tolerance);
    assert.ok(flips.length > 5 && flips.every((position) => position < 20));
  });

  it("names what comes after the layers without a layer", async () => {
    const { first } = await compare(["onnxruntime", "f32", weights], ["onnxruntime", "f32", doubled("ln_f.weight")]);
    assert.deepEqual([first?.name, first?.layer], [tap.finalNorm, undefined]);
    assert.equal(first?.checkpoint.number, 8);
  });
});
