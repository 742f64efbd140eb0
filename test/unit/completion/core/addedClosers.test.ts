import assert from "node:assert/strict";
import {
  closersAfter,
  insertsClosers,
  type AddedClosers,
  type TextChange,
} from "../../../../src/completion/core/addedClosers";

describe("closing brackets that accepting a suggestion added", () => {
  const closers: AddedClosers = { offset: 10, text: ")]", isPresent: true };
  const missing: AddedClosers = { ...closers, isPresent: false };
  const at = (offset: number, text = ")]") => ({ offset, text, isPresent: true });
  const cases: [title: string, change: TextChange, left: AddedClosers | undefined, isDoubled: boolean][] = [
    ["are doubled by the first of them", { offset: 10, length: 0, text: ")" }, at(11, "]"), true],
    ["are not when the editor types over it", { offset: 10, length: 1, text: ")" }, at(11, "]"), false],
    ["are not by the second", { offset: 10, length: 0, text: "]" }, at(11), false],
    ["are not by one further in", { offset: 8, length: 0, text: ")" }, at(11), false],
    ["move with what is typed before them", { offset: 10, length: 0, text: "ab" }, at(12), false],
    ["move with what is deleted before them", { offset: 8, length: 2, text: "" }, at(8), false],
    ["stay with what is typed after them", { offset: 12, length: 0, text: ";" }, closers, false],
    ["are given up when one of them is replaced", { offset: 10, length: 1, text: "a" }, undefined, false],
    ["are given up when text is typed between them", { offset: 11, length: 0, text: "a" }, undefined, false],
    ["are given up when the line is broken", { offset: 9, length: 0, text: "\n" }, undefined, false],
  ];
  for (const [title, change, left, isDoubled] of cases)
    it(title, () => assert.deepEqual(closersAfter(closers, change), { left, isDoubled }));

  it("are done with once the last was typed", () => {
    const change = { offset: 10, length: 0, text: ")" };
    assert.deepEqual(closersAfter(at(10, ")"), change), { left: undefined, isDoubled: true });
  });

  describe("that are not in the document yet", () => {
    const stillMissing = (offset: number, text = ")]") => ({ ...missing, offset, text });
    const early: [title: string, change: TextChange, left: AddedClosers | undefined][] = [
      ["go after what is typed", { offset: 10, length: 0, text: "ab" }, stillMissing(12)],
      ["go after a bracket that the editor closes", { offset: 10, length: 0, text: "[]" }, stillMissing(12)],
      ["go after a bracket that the editor types over", { offset: 10, length: 1, text: ")" }, stillMissing(11)],
      ["are not needed when they are typed", { offset: 10, length: 0, text: ")" }, stillMissing(11, "]")],
      ["stay when what follows is deleted", { offset: 10, length: 3, text: "" }, stillMissing(10)],
      ["stay when the text changes after them", { offset: 11, length: 0, text: ";" }, missing],
      ["move with what is deleted before them", { offset: 8, length: 2, text: "" }, stillMissing(8)],
      ["are given up when what they belong to is deleted", { offset: 9, length: 2, text: "" }, undefined],
      ["are given up when the line is broken", { offset: 10, length: 0, text: "\n  " }, undefined],
    ];
    for (const [title, change, left] of early)
      it(title, () => assert.deepEqual(closersAfter(missing, change), { left, isDoubled: false }));

    it("are inserted by a change that has all of them at their place", () => {
      assert.equal(insertsClosers(missing, { offset: 10, length: 0, text: ")]" }), true);
      assert.equal(insertsClosers(missing, { offset: 10, length: 0, text: ")" }), false);
      assert.equal(insertsClosers(missing, { offset: 11, length: 0, text: ")]" }), false);
      assert.equal(insertsClosers(closers, { offset: 10, length: 0, text: ")]" }), false);
    });
  });
});
