import { strict as assert } from "node:assert";
import { ModelFileError } from "../../../src/formats/errors";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";

describe("tokenizerFor", () => {
  it("goes by the name that the file gives", () => {
    assert.equal(tokenizerFor({ tokenizer: "p50k_edit", vocabSize: 50284 }).name, "p50k_edit");
    assert.equal(tokenizerFor({ tokenizer: "GPT-2", vocabSize: 50260 }).name, "gpt2");
  });

  it("goes by the number of rows when the file gives none", () => {
    assert.equal(tokenizerFor({ tokenizer: undefined, vocabSize: 50257 }).name, "gpt2");
    assert.equal(tokenizerFor({ tokenizer: undefined, vocabSize: 50284 }).name, "p50k_edit");
  });

  it("says what is supported when the vocabulary is another one, or too small for its name", () => {
    for (const config of [
      { tokenizer: undefined, vocabSize: 49152 },
      { tokenizer: "starcoder", vocabSize: 50257 },
      { tokenizer: "p50k_edit", vocabSize: 50257 },
    ]) {
      assert.throws(
        () => tokenizerFor(config),
        (error) =>
          error instanceof ModelFileError && error.message.includes("gpt2 (50257 tokens) and p50k_edit (50284"),
      );
    }
  });
});
