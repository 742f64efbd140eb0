import assert from "node:assert/strict";
import type { LoraAdapter } from "../../../../src/gpt2/adapters/adapter";
import { mergedWeights } from "../../../../src/gpt2/adapters/mergedWeights";
import { dequantizedWeights } from "../../../../src/gpt2/verification/checkpoints/dequantizedWeights";
import { changedWeights } from "../../../../src/gpt2/weights/changedWeights";
import { roundedToHalf } from "../../../../src/gpt2/weights/halfWeights";
import { partWeights } from "../../../../src/gpt2/weights/partWeights";
import { withPauses } from "../../../../src/gpt2/weights/pausingWeights";
import { withReadProgress } from "../../../../src/gpt2/weights/readProgress";
import type { Gpt2Weights } from "../../../../src/gpt2/weights/weights";
import type { ModelVocabulary } from "../../../../src/tokenizer/byteLevel/definition";
import { oracleConfig, randomWeights } from "../../../fixtures/syntheticModel";

const noAdapter: LoraAdapter = { name: "none", updates: new Map(), bytes: 0, fingerprint: "none" };

const changes: Readonly<Record<string, (weights: Gpt2Weights) => Gpt2Weights>> = {
  "an adapter": (weights) => mergedWeights(weights, noAdapter),
  "half precision": roundedToHalf,
  "one of several parts": (weights) => partWeights(weights, { from: 1, to: 2 }),
  pauses: (weights) => withPauses(weights, () => Promise.resolve()),
  progress: (weights) => withReadProgress(weights, () => undefined),
  "8 bits": (weights) => dequantizedWeights(weights, { backend: "kernels", precision: "int8" }),
};

describe("weights with", () => {
  const vocabulary: ModelVocabulary = { kind: "unusable", problem: "for a test" };
  const weights = changedWeights(randomWeights(oracleConfig("gpt2-tiny")), { vocabulary });

  for (const [what, change] of Object.entries(changes)) {
    it(`${what} keep the vocabulary of their file`, () => {
      assert.equal(change(weights).vocabulary, vocabulary);
    });
  }

  it("changes are disposed with those that they are of, but for a part", async () => {
    let disposed = 0;
    const counted = changedWeights(weights, {
      [Symbol.asyncDispose]: () => {
        disposed++;
        return Promise.resolve();
      },
    });
    const results: number[] = [];
    for (const change of Object.values(changes)) {
      await change(counted)[Symbol.asyncDispose]();
      results.push(disposed);
    }
    assert.deepEqual(results, [1, 2, 2, 3, 4, 5]);
  });
});
