import assert from "node:assert/strict";
import { HealingConstraint, rollBack } from "../../../../src/generation/prompt/tokenHealing";
import { seededRandom } from "../../../../src/generation/sampling/random";
import { argmax } from "../../../../src/generation/sampling/largest";
import { FakeTokenizer, wandering } from "../fakes";

const tokenizer = new FakeTokenizer();
const split = (text: string, head = 0) => {
  const { kept, rolledBack } = rollBack([tokenizer.endOfText, ...tokenizer.encode(text)], 1 + head, tokenizer);
  return [tokenizer.decode(kept.slice(1)), tokenizer.decode(rolledBack)];
};

describe("token healing", () => {
  it("rolls back the piece before the cursor", () => {
    assert.deepEqual(split("x = "), ["x =", " "]);
    assert.deepEqual(split("x retu"), ["x", " retu"]);
    assert.deepEqual(split("a(\n    "), ["a(\n", "    "]);
    assert.deepEqual(split("foo("), ["foo", "("]);
    assert.deepEqual(split("foo\n"), ["foo\n", ""]);
    assert.deepEqual(split(""), ["", ""]);
  });

  it("rolls back at most a few tokens, and none of the head", () => {
    assert.deepEqual(split("abcdefgh"), ["abcd", "efgh"]);
    assert.deepEqual(split("abc", 2), ["ab", "c"]);
    assert.deepEqual(rollBack(tokenizer.encode("a"), 0, tokenizer).rolledBack, [], "a token is left to run");
  });

  it("rolls back nothing if some byte is not a token", () => {
    const poor = new FakeTokenizer();
    poor.tokensStartingWith = () => new Uint32Array();
    assert.deepEqual(rollBack(poor.encode("x = "), 0, poor).rolledBack, []);
  });

  it("allows tokens that are consistent with the remaining bytes, until there are none", () => {
    const constraint = new HealingConstraint(tokenizer.encode(" retu"), tokenizer);
    const allowed = () => {
      const logits = constraint.apply(new Float32Array(tokenizer.vocabSize));
      return [...logits.keys()].filter((token) => logits[token] === 0).map((token) => tokenizer.decode([token]));
    };
    assert.deepEqual(allowed().sort(), [" ", " re", " return"]);
    assert.equal(constraint.accept(tokenizer.encode(" re")[0] ?? 0).length, 0);
    assert.deepEqual(allowed(), ["t"]);
    assert.equal(constraint.accept(tokenizer.encode("t")[0] ?? 0).length, 0);
    assert.deepEqual(allowed(), ["u"]);
    constraint.accept(tokenizer.encode("u")[0] ?? 0);
    assert.equal(allowed().length, tokenizer.vocabSize);
  });

  it("returns only the bytes after the rolled back ones", () => {
    const constraint = new HealingConstraint(tokenizer.encode(" retu"), tokenizer);
    assert.equal(Buffer.from(constraint.accept(tokenizer.encode(" return")[0] ?? 0)).toString(), "rn");
    assert.equal(Buffer.from(constraint.accept(tokenizer.encode("x")[0] ?? 0)).toString(), "x");
  });

  it("can always produce the rolled back bytes of any text from allowed tokens", () => {
    const random = seededRandom(21);
    const alphabet = ["foo", " ", "é", "😀", "(", "\t", "re", "1"];
    for (let i = 0; i < 300; i++) {
      const text = Array.from({ length: 6 }, () => alphabet[Math.floor(random() * alphabet.length)] ?? "").join("");
      const { rolledBack } = rollBack([tokenizer.endOfText, ...tokenizer.encode(text)], 1, tokenizer);
      const constraint = new HealingConstraint(rolledBack, tokenizer);
      const made: number[] = [];
      let newBytes = 0;
      while (newBytes === 0 && made.length < 30) {
        const logits = constraint.apply(wandering([i, ...made]));
        const token = argmax(logits);
        assert.notEqual(logits[token], -Infinity);
        made.push(token);
        newBytes = constraint.accept(token).length;
      }
      const bytes = Buffer.concat(made.map((token) => tokenizer.bytes(token)));
      const wanted = Buffer.concat(rolledBack.map((token) => tokenizer.bytes(token)));
      assert.ok(bytes.subarray(0, wanted.length).equals(wanted));
    }
  });
});
