import assert from "node:assert/strict";
import { HealingConstraint, takeBack } from "../../../../src/generation/prompt/tokenHealing";
import { seededRandom } from "../../../../src/generation/sampling/random";
import { argmax } from "../../../../src/generation/sampling/largest";
import { FakeTokenizer, wandering } from "../fakes";

const tokenizer = new FakeTokenizer();
const takenFrom = (text: string, head = 0) => {
  const { kept, takenBack } = takeBack([tokenizer.endOfText, ...tokenizer.encode(text)], 1 + head, tokenizer);
  return [tokenizer.decode(kept.slice(1)), tokenizer.decode(takenBack)];
};

describe("token healing", () => {
  it("takes back the piece that the cursor may have cut", () => {
    assert.deepEqual(takenFrom("x = "), ["x =", " "]);
    assert.deepEqual(takenFrom("x retu"), ["x", " retu"]);
    assert.deepEqual(takenFrom("a(\n    "), ["a(\n", "    "]);
    assert.deepEqual(takenFrom("foo("), ["foo", "("]);
    assert.deepEqual(takenFrom("foo\n"), ["foo\n", ""]);
    assert.deepEqual(takenFrom(""), ["", ""]);
  });

  it("takes back a few tokens at most, and none of the head", () => {
    assert.deepEqual(takenFrom("abcdefgh"), ["abcd", "efgh"]);
    assert.deepEqual(takenFrom("abc", 2), ["ab", "c"]);
    assert.deepEqual(takeBack(tokenizer.encode("a"), 0, tokenizer).takenBack, [], "something is left to run");
  });

  it("gives up when a byte is no token of its own", () => {
    const poor = new FakeTokenizer();
    poor.tokensStartingWith = () => new Uint32Array();
    assert.deepEqual(takeBack(poor.encode("x = "), 0, poor).takenBack, []);
  });

  it("allows what begins with the rest or is its beginning, until it is used up", () => {
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

  it("returns only the bytes behind the cursor", () => {
    const constraint = new HealingConstraint(tokenizer.encode(" retu"), tokenizer);
    assert.equal(Buffer.from(constraint.accept(tokenizer.encode(" return")[0] ?? 0)).toString(), "rn");
    assert.equal(Buffer.from(constraint.accept(tokenizer.encode("x")[0] ?? 0)).toString(), "x");
  });

  it("always reaches the end of any text, one allowed token after the other", () => {
    const random = seededRandom(21);
    const alphabet = ["foo", " ", "é", "😀", "(", "\t", "re", "1"];
    for (let i = 0; i < 300; i++) {
      const text = Array.from({ length: 6 }, () => alphabet[Math.floor(random() * alphabet.length)] ?? "").join("");
      const { takenBack } = takeBack([tokenizer.endOfText, ...tokenizer.encode(text)], 1, tokenizer);
      const constraint = new HealingConstraint(takenBack, tokenizer);
      const made: number[] = [];
      let behind = 0;
      while (behind === 0 && made.length < 30) {
        const logits = constraint.apply(wandering([i, ...made]));
        const token = argmax(logits);
        assert.notEqual(logits[token], -Infinity);
        made.push(token);
        behind = constraint.accept(token).length;
      }
      const bytes = Buffer.concat(made.map((token) => tokenizer.bytes(token)));
      const wanted = Buffer.concat(takenBack.map((token) => tokenizer.bytes(token)));
      assert.ok(bytes.subarray(0, wanted.length).equals(wanted));
    }
  });
});
