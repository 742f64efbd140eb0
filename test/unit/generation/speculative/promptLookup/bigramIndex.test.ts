import assert from "node:assert/strict";
import { seededRandom } from "../../../../../src/generation/sampling/random";
import { BigramIndex } from "../../../../../src/generation/speculative/promptLookup/bigramIndex";

const continuations = (index: BigramIndex, ...sequence: number[]) => [...index.continuations(sequence)];

describe("BigramIndex", () => {
  it("finds the continuations of a bigram, the latest first, and none at the end of the text", () => {
    const index = new BigramIndex([1, 2, 3, 1, 2, 4, 1, 2]);
    assert.deepEqual(continuations(index, 9, 1, 2), [5, 2]);
    assert.deepEqual(continuations(index, 2, 4), [6]);
    assert.deepEqual(continuations(index, 2, 1), []);
    assert.deepEqual(continuations(index, 2), []);
    assert.deepEqual(continuations(index), []);
    assert.deepEqual(continuations(new BigramIndex(), 1, 2), []);
    assert.deepEqual(continuations(new BigramIndex([7, 7, 7, 7]), 7, 7), [3, 2]);
  });

  it("finds what a linear search finds, while the text grows and after it was replaced", () => {
    const random = seededRandom(5);
    const draw = (count: number) => Array.from({ length: count }, () => Math.floor(4 * random()));
    const index = new BigramIndex(draw(3));
    let tokens = [...index.tokens];
    for (let step = 0; step < 300; step++) {
      tokens = step % 50 === 49 ? draw(10) : [...tokens, ...draw(Math.floor(3 * random()))];
      index.update(tokens);
      assert.deepEqual(index.tokens, tokens);
      const sequence = draw(2);
      const expected = tokens.flatMap((_, i) =>
        i >= 2 && tokens[i - 2] === sequence[0] && tokens[i - 1] === sequence[1] ? [i] : [],
      );
      assert.deepEqual(continuations(index, ...sequence), expected.reverse());
    }
  });
});
