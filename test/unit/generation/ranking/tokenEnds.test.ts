import assert from "node:assert/strict";
import { tokenEnds } from "../../../../src/generation/ranking/tokenEnds";
import { FakeTokenizer } from "../fakes";

describe("the ends of tokens", () => {
  const tokenizer = new FakeTokenizer();
  const ends = (typed: string, text: string) => tokenEnds(tokenizer.encode(typed + text), tokenizer, typed, text);

  it("reach the end of the text, after what was typed before it", () => {
    assert.deepEqual(ends("", "#a"), [1, 2]);
    assert.deepEqual(ends("#", "a"), [0, 1]);
  });

  it("give a character of several tokens to its last one", () => {
    assert.deepEqual(ends("", "é!"), [0, 1, 2]);
    assert.deepEqual(ends("", "😀"), [0, 0, 0, 2]);
  });

  it("are not known when the tokens are those of another text", () => {
    assert.equal(tokenEnds(tokenizer.encode("b"), tokenizer, "", "a"), undefined);
  });
});
