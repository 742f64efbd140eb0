import { strict as assert } from "node:assert";
import { tokenStream } from "../../../src/tokenizer/tokenStream";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";

const tokenizer = tokenizerFor({ tokenizer: "p50k_edit", vocabSize: 50284 });

describe("tokenStream", () => {
  it("never cuts a character that spans tokens", () => {
    const text = "\ufeffπ 👨‍👩‍👧 🪐 日本語 ᚠ z̶a̶l̶g̶o̶";
    const tokens = tokenizer.encode(text);
    const stream = tokenStream(tokenizer);
    const parts = tokens.map((token) => stream.push(token));
    assert.ok(
      parts.some((part) => part === ""),
      "some token ends inside a character",
    );
    assert.ok(parts.every((part) => !part.includes("\ufffd")));
    assert.equal(parts.join("") + stream.end(), text);
  });

  it("replaces a character that stays unfinished, and starts afresh", () => {
    const stream = tokenStream(tokenizer);
    assert.equal(stream.push(...tokenizer.encode("a🪐").slice(0, -1)), "a");
    assert.equal(stream.end(), "\ufffd");
    assert.equal(stream.push(...tokenizer.encode("b")) + stream.end(), "b");
  });
});
