import assert from "node:assert/strict";
import type { Gpt2Config } from "../../../../src/gpt2/config/config";
import { withReadProgress } from "../../../../src/gpt2/weights/readProgress";
import { elementCount, tensorShapes } from "../../../../src/gpt2/weights/tensorShapes";
import type { Gpt2Weights } from "../../../../src/gpt2/weights/weights";

const config: Gpt2Config = {
  architecture: "gpt2",
  vocabSize: 100,
  contextLength: 16,
  width: 8,
  layers: 3,
  heads: 2,
  kvHeads: 2,
  innerWidth: 32,
  activation: "gelu_tanh",
  layerNormEpsilon: 1e-5,
  scaleAttention: true,
  scaleByInverseLayer: false,
  tiedHead: true,
  beginOfText: 0,
  endOfText: 0,
  tokenizer: undefined,
};

describe("the progress of reading weights", () => {
  it("grows with each percent up to 1, though some tensors are read twice", async () => {
    let disposed = false;
    const shapes = tensorShapes(config);
    const weights: Gpt2Weights = {
      config,
      fingerprint: "f",
      storage: "s",
      read: (name) => Promise.resolve(new Float32Array(elementCount(shapes.get(name) ?? []))),
      [Symbol.asyncDispose]: () => Promise.resolve(void (disposed = true)),
    };
    const shares: number[] = [];
    {
      await using watched = withReadProgress(weights, (share) => shares.push(share));
      assert.equal((await watched.read("wte.weight")).length, 800);
      for (const name of shapes.keys()) await watched.read(name);
    }
    assert.equal(disposed, true);
    assert.equal(shares.at(-1), 1);
    assert.ok(shares.length > 5);
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(shares).size, shares.length);
  });
});
