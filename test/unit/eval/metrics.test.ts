import assert from "node:assert/strict";
import { bootstrapInterval, ratio } from "../../eval/bootstrap";
import { editSimilarity, mean, percentile } from "../../eval/metrics";

describe("evaluation: metrics", () => {
  it("gives the edit similarity", () => {
    assert.equal(editSimilarity("", ""), 100);
    assert.equal(editSimilarity("", "abc"), 0);
    assert.equal(editSimilarity("return a;", "return a;"), 100);
    // kitten → sitting takes three edits.
    assert.ok(Math.abs(editSimilarity("kitten", "sitting") - 100 * (1 - 3 / 7)) < 1e-9);
    assert.equal(editSimilarity("ab", "abcd"), editSimilarity("abcd", "ab"));
  });

  it("gives mean and percentiles", () => {
    assert.equal(mean([1, 2, 6]), 3);
    assert.equal(mean([]), 0);
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    assert.equal(percentile(values, 0.5), 50);
    assert.equal(percentile(values, 0.95), 95);
    assert.equal(percentile([7], 0.95), 7);
  });

  it("takes ratios of sums, not means of ratios", () => {
    const parts = [
      { numerator: 1, denominator: 1 },
      { numerator: 0, denominator: 3 },
    ];
    assert.equal(ratio(parts), 0.25);
    assert.ok(Number.isNaN(ratio([])));
  });
});

describe("evaluation: bootstrap", () => {
  const coins = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ numerator: Number(i % 5 === 0), denominator: 1 }));

  it("gives the interval of a share, as the normal approximation does", () => {
    const [low, high] = bootstrapInterval(coins(400));
    const deviation = Math.sqrt((0.2 * 0.8) / 400);
    assert.ok(Math.abs(low - (0.2 - 1.96 * deviation)) < 0.01, String(low));
    assert.ok(Math.abs(high - (0.2 + 1.96 * deviation)) < 0.01, String(high));
  });

  it("gives the same interval for the same seed, and about the same for another", () => {
    assert.deepEqual(bootstrapInterval(coins(50)), bootstrapInterval(coins(50)));
    const [low, high] = bootstrapInterval(coins(50), { seed: 2 });
    const [otherLow, otherHigh] = bootstrapInterval(coins(50), { seed: 3 });
    assert.ok(Math.abs(low - otherLow) < 0.05 && Math.abs(high - otherHigh) < 0.05);
  });

  it("is wider when the same places lie in fewer files", () => {
    const few = Array.from({ length: 10 }, (_, i) => ({ numerator: i % 5 === 0 ? 5 : 0, denominator: 5 }));
    const width = ([low, high]: readonly [number, number]) => high - low;
    assert.ok(width(bootstrapInterval(few)) > 1.5 * width(bootstrapInterval(coins(50))));
  });
});
