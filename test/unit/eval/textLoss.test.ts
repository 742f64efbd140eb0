import assert from "node:assert/strict";
import { negativeLogProbability } from "../../../src/generation/inspection/textLoss";
import { textLoss } from "../../eval/textLoss";
import { FakeModel, FakeTokenizer } from "../generation/fakes";

const tokenizer = new FakeTokenizer();

describe("evaluation: bits of a text", () => {
  it("are −log₂ of the softmax, also of large logits", () => {
    const bits = (logits: Float32Array, token: number) => negativeLogProbability(logits, token) / Math.LN2;
    assert.ok(Math.abs(bits(Float32Array.of(0, 0, 0, 0), 2) - 2) < 1e-12);
    assert.ok(Math.abs(bits(Float32Array.of(1000, 1000 + Math.log(3)), 0) - 2) < 1e-4);
    assert.ok(bits(Float32Array.of(-1e30, 5), 1) < 1e-9);
  });

  it("counts every token of the text once, and none of the header, whatever the context", async () => {
    const text = "return foo()\n".repeat(9);
    const tokens = tokenizer.encode(text).length;
    for (const contextLength of [8, 40, 1000]) {
      const model = new FakeModel(contextLength, () => new Float32Array(tokenizer.vocabSize));
      for (const header of ["", "// a\n"]) {
        const loss = await textLoss(model, tokenizer, header, text);
        assert.ok(Math.abs(loss.bits - tokens * Math.log2(tokenizer.vocabSize)) < 1e-6);
        assert.equal(loss.characters, text.length);
        assert.equal(loss.tokens, tokens);
      }
      assert.equal(model.heldSlots, 0);
    }
  });

  it("takes the loss of each token given the tokens before it", async () => {
    const text = "abcdefgh";
    const expected = (tokens: readonly number[]) => {
      const logits = new Float32Array(tokenizer.vocabSize);
      const last = tokens.at(-1) ?? 0;
      logits[last === tokenizer.endOfText ? 97 : last + 1] = 50;
      return logits;
    };
    const right = await textLoss(new FakeModel(100, expected), tokenizer, "", text);
    assert.ok(right.bits < 1e-9);
    const wrong = await textLoss(new FakeModel(100, expected), tokenizer, "", "abcdxfgh");
    // Of x and what follows it.
    assert.ok(Math.abs(wrong.bits - 2 * (50 / Math.LN2)) < 0.01);
  });
});
