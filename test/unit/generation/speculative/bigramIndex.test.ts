import assert from "node:assert/strict";
import { IndexedText } from "../../../../src/generation/speculative/bigramIndex";
import { seededRandom } from "../../../../src/generation/sampling/random";

const behind = (text: IndexedText, ...sequence: number[]) => [...text.behind(sequence)];

describe("a text whose pairs of tokens are indexed", () => {
  it("finds the places behind a pair, the latest first, and none at its own end", () => {
    const text = new IndexedText([1, 2, 3, 1, 2, 4, 1, 2]);
    assert.deepEqual(behind(text, 9, 1, 2), [5, 2]);
    assert.deepEqual(behind(text, 2, 4), [6]);
    assert.deepEqual(behind(text, 2, 1), []);
    assert.deepEqual(behind(text, 2), []);
    assert.deepEqual(behind(text), []);
    assert.deepEqual(behind(new IndexedText(), 1, 2), []);
    assert.deepEqual(behind(new IndexedText([7, 7, 7, 7]), 7, 7), [3, 2]);
  });

  it("finds what a search finds, while it grows and after it became another text", () => {
    const random = seededRandom(5);
    const draw = (count: number) => Array.from({ length: count }, () => Math.floor(4 * random()));
    const text = new IndexedText(draw(3));
    let tokens = [...text.tokens];
    for (let step = 0; step < 300; step++) {
      tokens = step % 50 === 49 ? draw(10) : [...tokens, ...draw(Math.floor(3 * random()))];
      text.become(tokens);
      assert.deepEqual(text.tokens, tokens);
      const sequence = draw(2);
      const searched = tokens.flatMap((_, i) =>
        i >= 2 && tokens[i - 2] === sequence[0] && tokens[i - 1] === sequence[1] ? [i] : [],
      );
      assert.deepEqual(behind(text, ...sequence), searched.reverse());
    }
  });
});
