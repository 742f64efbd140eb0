import { strict as assert } from "node:assert";
import { ModelFileError } from "../../../src/formats/errors";
import { tokenizerFor, vocabularyProblem } from "../../../src/tokenizer/tokenizerFor";
import { tokenStream } from "../../../src/tokenizer/tokenStream";

describe("tokenizerFor", () => {
  it("goes by the name that the file gives", () => {
    assert.equal(tokenizerFor({ tokenizer: "p50k_edit", vocabSize: 50284 }).name, "p50k_edit");
    assert.equal(tokenizerFor({ tokenizer: "GPT-2", vocabSize: 50260 }).name, "gpt2");
  });

  it("goes by the number of rows when the file gives none", () => {
    assert.equal(tokenizerFor({ tokenizer: undefined, vocabSize: 50257 }).name, "gpt2");
    assert.equal(tokenizerFor({ tokenizer: undefined, vocabSize: 50284 }).name, "p50k_edit");
  });

  it("takes GPT-2's rows with some more for GPT-2's vocabulary with padding", () => {
    for (const vocabSize of [50258, 50260, 50304, 50400]) {
      assert.equal(tokenizerFor({ tokenizer: undefined, vocabSize }).name, "gpt2");
    }
  });

  const unknown = [
    { tokenizer: undefined, vocabSize: 49152 },
    { tokenizer: undefined, vocabSize: 50256 },
    { tokenizer: undefined, vocabSize: 51200 },
    { tokenizer: "custom (tokenizer.json)", vocabSize: 50257 },
    { tokenizer: "p50k_edit", vocabSize: 50257 },
  ];

  it("says what is supported when text is given to a model whose vocabulary is another one, or too small for its name", () => {
    for (const config of unknown) {
      const supported =
        /Known without files are gpt2 \(50257 tokens\) and p50k_edit \(50284 tokens\).*takes token ids but no text/;
      assert.match(vocabularyProblem(config) ?? "", supported);
      const tokenizer = tokenizerFor(config);
      assert.throws(
        () => tokenizer.encode("Hello"),
        (error) => error instanceof ModelFileError && supported.test(error.message),
      );
      assert.throws(() => [...tokenizer.preTokens("Hello", 2)], supported);
      assert.deepEqual(tokenizer.encode(""), []);
    }
    assert.equal(vocabularyProblem({ tokenizer: "gpt2", vocabSize: 50257 }), undefined);
  });

  it("shows the ids of a vocabulary that is not known", () => {
    const tokenizer = tokenizerFor({ tokenizer: undefined, vocabSize: 100, endOfText: 7 });
    assert.equal(tokenizer.decode([1, 99]), " 1 99");
    assert.equal(tokenStream(tokenizer).push(3, 4), " 3 4");
    assert.equal(tokenizer.endOfText, 7);
    assert.equal(tokenizer.isSpecial(7), true);
    assert.throws(() => tokenizer.bytes(100), RangeError);
    assert.equal(tokenizer.tokensAgreeingWith(new Uint8Array(1)).length, 0);
  });
});
