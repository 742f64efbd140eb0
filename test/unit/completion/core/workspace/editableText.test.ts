import assert from "node:assert/strict";
import { EditableText } from "../../../../../src/completion/core/workspace/editableText";

/** Numbers from 0 to 1, the same each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("EditableText", () => {
  it("is the text that plain replacements make", () => {
    const next = random(7);
    for (const size of [0, 1, 5_000, 50_000]) {
      let expected = "abcdefghi\n".repeat(Math.ceil(size / 10)).slice(0, size);
      const text = new EditableText(expected);
      for (let edit = 0; edit < 300; edit++) {
        const offset = Math.floor(next() * (expected.length + 1));
        const longest = edit % 10 === 0 ? 20_000 : 10;
        const length = Math.min(expected.length - offset, Math.floor(next() * longest));
        const inserted = "x".repeat(Math.floor(next() * longest));
        expected = expected.slice(0, offset) + inserted + expected.slice(offset + length);
        text.replace(offset, length, inserted);
        assert.equal(text.length, expected.length);
      }
      assert.equal(text.toString(), expected);
    }
  });

  it("can be emptied and written again", () => {
    const text = new EditableText("a".repeat(30_000));
    text.replace(0, 30_000, "");
    assert.equal(text.toString(), "");
    text.replace(0, 0, "new");
    text.replace(3, 0, "er");
    assert.equal(text.toString(), "newer");
  });
});
