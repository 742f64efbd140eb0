import assert from "node:assert/strict";
import { compare, merge, vector, worstOf } from "../../../../../src/gpt2/verification/checkpoints/comparison";
import type { Tensor } from "../../../../../src/gpt2/taps";

const matrix = (...data: number[]): Tensor => ({ shape: [2, 2], data: Float64Array.from(data) });

describe("a comparison", () => {
  it("finds the largest difference and where it is", () => {
    const result = compare("x", matrix(1, 2, 3, 4), matrix(1, 2.25, 2.5, 4), 0.25);
    assert.equal(result.maxAbsDiff, 0.5);
    assert.deepEqual(result.at, [1, 0]);
    assert.equal(result.passed, false);
    assert.deepEqual(result.firstValues, { expected: [1, 2, 3, 4], actual: [1, 2.25, 2.5, 4] });
  });

  it("counts differences by their magnitude", () => {
    const { histogram } = compare("x", matrix(0, 0, 0, 0), matrix(0, 5e-7, 1e-6, 7), 10);
    const counted = histogram.edges.map((edge, i) => [edge, histogram.counts[i]]).filter(([, count]) => count !== 0);
    assert.deepEqual(counted, [
      [0, 1],
      [1e-6, 2],
    ]);
    assert.equal(histogram.counts.at(-1), 1);
  });

  it("passes a difference that equals the tolerance", () => {
    assert.equal(compare("x", vector([1]), vector([1.5]), 0.5).passed, true);
    assert.equal(compare("x", vector([1]), vector([1.5]), 0.4999).passed, false);
  });

  it("never passes what is missing, has another shape or is not a number", () => {
    assert.equal(compare("x", vector([1]), undefined, 10).passed, false);
    assert.equal(compare("x", vector([1, 2, 3, 4]), matrix(1, 2, 3, 4), 10).passed, false);
    assert.equal(compare("x", vector([1]), vector([NaN]), 10).maxAbsDiff, Infinity);
    assert.equal(compare("x", vector([Infinity]), vector([-Infinity]), 10).passed, false);
  });

  it("looks only at the numbers that count", () => {
    assert.equal(compare("x", matrix(1, 2, 3, 4), matrix(1, 99, 3, 4), 0, (i) => i !== 1).maxAbsDiff, 0);
  });

  it("of several layers shows the first that does not pass, with its number", () => {
    const parts = [0, 1e-3, 5].map((error) => compare("", vector([1]), vector([1 + error]), 1e-4));
    const merged = merge("layers", [1, 2, 3], parts);
    assert.equal(merged.passed, false);
    assert.deepEqual(merged.at, [2, 0]);
    assert.deepEqual(merged.shape, [3, 1]);
    assert.equal(
      merged.histogram.counts.reduce((a, b) => a + b),
      3,
    );
  });

  it("takes the part that is furthest off in shares of its tolerance for the worst", () => {
    const loose = compare("loose", vector([0]), vector([0.5]), 1);
    const strict = compare("strict", vector([0]), vector([1e-4]), 1e-5);
    assert.equal(worstOf([loose, strict]).name, "strict");
    assert.equal(worstOf([loose, compare("exact", vector([0]), vector([1e-9]), 0)]).name, "exact");
  });
});
