import assert from "node:assert/strict";
import { PredictionTable } from "../../../../src/generation/inspection/predictionTable";

describe("PredictionTable", () => {
  const near = (actual: number, expected: number) =>
    assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} against ${expected}`);

  it("computes surprisal and entropy in bits, and ranks tokens with equal logits by their ids", () => {
    const predictions = new PredictionTable(2);
    predictions.set(0, new Float32Array(8).fill(3), 5);
    const { surprisal, entropy, rank } = predictions.at(0);
    near(surprisal, 3);
    near(entropy, 3);
    assert.equal(rank, 6);
  });

  it("weights the entropy by probability, and ignores tokens with a logit of -Infinity", () => {
    const predictions = new PredictionTable(2);
    // Probabilities of 1/2, 1/4 and 1/4, and a masked token.
    predictions.set(1, Float32Array.of(Math.log(2), 0, -Infinity, 0), 3);
    const { surprisal, entropy, rank } = predictions.at(1);
    assert.ok(Math.abs(surprisal - 2) < 1e-6);
    assert.ok(Math.abs(entropy - 1.5) < 1e-6);
    assert.equal(rank, 3);
  });
});
