import assert from "node:assert/strict";
import { endEdit } from "../../../src/generate/textEdit";

describe("the edit that turns the text so far into the wanted one", () => {
  it("adds what is new, and nothing when nothing is", () => {
    assert.deepEqual(endEdit("", "one", false), { removed: "", inserted: "one" });
    assert.deepEqual(endEdit("one", "one two", false), { removed: "", inserted: " two" });
    assert.equal(endEdit("one", "one", false), undefined);
    assert.equal(endEdit("one", "one", true), undefined);
  });

  it("waits for a text that began anew, and replaces what is different in it", () => {
    assert.equal(endEdit("one two", "one", false), undefined);
    assert.deepEqual(endEdit("one two", "one three", false), { removed: "wo", inserted: "hree" });
    assert.deepEqual(endEdit("one two", "one", true), { removed: " two", inserted: "" });
  });

  it("does not cut a character in two", () => {
    assert.deepEqual(endEdit("a😀", "a😁", false), { removed: "😀", inserted: "😁" });
  });
});
