import assert from "node:assert/strict";
import { draftWindow } from "../../../../../src/generation/speculative/draftModel/window";

describe("draftWindow", () => {
  const size = { initial: 8, max: 20 };
  const text = Array.from({ length: 100 }, (_, i) => i);

  it("begins shortly before the end, and keeps its start while the text grows", () => {
    const first = draftWindow(text.slice(0, 50), undefined, size);
    assert.deepEqual([first.start, first.tokens], [42, text.slice(42, 50)]);
    assert.equal(draftWindow(text.slice(0, 57), first, size).start, 42);
    assert.equal(draftWindow(text.slice(0, 5), undefined, size).start, 0);
  });

  it("is replaced when it is full, has too much unread or too little context, and for another text", () => {
    const first = draftWindow(text.slice(0, 50), undefined, size);
    assert.equal(draftWindow(text.slice(0, 63), { ...first, tokens: text.slice(42, 62) }, size).start, 55);
    assert.equal(draftWindow(text.slice(0, 60), first, size).start, 52);
    assert.equal(draftWindow(text.slice(0, 45), first, size).start, 37);
    assert.equal(draftWindow(text.slice(0, 60).toReversed(), first, size).start, 52);
  });
});
