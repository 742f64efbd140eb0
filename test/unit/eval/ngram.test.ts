import assert from "node:assert/strict";
import { seededRandom } from "../../../src/generation/sampling/random";
import { followersInText, NgramPredictor } from "../../eval/ngram";
import { NgramTable } from "../../eval/ngramTable";

const vocabSize = 5;

describe("evaluation: n-grams", () => {
  it("finds what followed a context, as counting does", () => {
    const random = seededRandom(3);
    const text = Array.from({ length: 300 }, () => Math.floor(random() * vocabSize));
    const table = new NgramTable(Int32Array.from(text), 4, vocabSize);
    for (const context of [[], [2], [4, 0], [1, 3, 1], [0, 0, 0]]) {
      const counted = new Map<number, number>();
      for (let i = context.length; i < text.length; i++) {
        if (context.some((token, k) => text[i - context.length + k] !== token)) continue;
        const token = text[i] ?? -1;
        counted.set(token, (counted.get(token) ?? 0) + 1);
      }
      assert.ok(counted.size > 0);
      assert.deepEqual(sorted(table.followers(context)), sorted(counted), context.join());
    }
    assert.equal(new NgramTable(Int32Array.of(1, 2), 3, vocabSize).followers([2]).size, 0);
    assert.equal(new NgramTable(Int32Array.of(1, 2), 3, vocabSize).followers([3]).size, 0);
  });

  it("finds what followed in the text at hand, by the length of the match", () => {
    const [, one, two, three] = followersInText([1, 2, 3, 0, 2, 4, 1, 2]);
    assert.deepEqual(one, new Map([[3, 1], [4, 1]])); // prettier-ignore
    assert.deepEqual(two, new Map([[3, 1]]));
    assert.deepEqual(three, new Map());
  });

  it("gives probabilities that add up to 1, and every token some", () => {
    const predictor = new NgramPredictor(Int32Array.of(0, 1, 2, 0, 1, 3, 0, 1, 2), vocabSize);
    for (const text of [[], [4], [0, 1], [3, 3, 0, 1, 2, 0]]) {
      const probabilities = predictor.predict(text);
      assert.ok(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1) < 1e-12);
      assert.ok(probabilities.every((p) => p > 0));
    }
  });

  it("interpolates as Witten and Bell do", () => {
    const predictor = new NgramPredictor(Int32Array.of(0, 1, 0, 1, 0, 2), vocabSize);
    const unigram = (count: number) => (count + 0.5) / (6 + 2.5);
    const p = predictor.predict([0]);
    // Behind 0: 1 twice and 2 once.
    assert.ok(Math.abs((p[1] ?? 0) - (2 + 2 * unigram(2)) / 5) < 1e-12);
    assert.ok(Math.abs((p[4] ?? 0) - (2 * unigram(0)) / 5) < 1e-12);
  });

  it("believes the text at hand more than the training text", () => {
    const predictor = new NgramPredictor(Int32Array.of(0, 1, 3, 0, 1, 3, 0, 1), vocabSize);
    const p = predictor.predict([0, 2, 0]);
    assert.ok((p[2] ?? 0) > (p[1] ?? 1));
  });
});

function sorted(counts: ReadonlyMap<number, number>): [number, number][] {
  return [...counts].sort(([a], [b]) => a - b);
}
