import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import path from "node:path";
import { encode as encodeWithLibrary } from "gpt-tokenizer/encoding/p50k_edit";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";

const gpt2 = tokenizerFor({ tokenizer: "gpt2", vocabSize: 50257 });
const p50k = tokenizerFor({ tokenizer: "p50k_edit", vocabSize: 50284 });
const utf8 = (text: string) => new TextEncoder().encode(text);

describe("BytePairTokenizer", () => {
  const oracle = JSON.parse(readFileSync(path.resolve("test/fixtures/oracle/tokenizer_gpt2.json"), "utf8")) as {
    cases: { text: string; ids: number[] }[];
  };

  it("encodes the 48 strings as OpenAI's encoder does, and decodes them back", () => {
    assert.equal(oracle.cases.length, 48);
    for (const { text, ids } of oracle.cases) {
      assert.deepEqual(gpt2.encode(text), ids, JSON.stringify(text));
      assert.equal(gpt2.decode(ids), text);
    }
  });

  it("encodes runs of spaces with p50k's own tokens", () => {
    assert.deepEqual(p50k.encode("  "), [50257]);
    assert.deepEqual(p50k.encode(" ".repeat(25)), [50280]);
    assert.deepEqual(p50k.encode("\n    return"), [198, 50258, 1441]);
    for (const { text } of oracle.cases)
      assert.deepEqual(p50k.encode(text), encodeWithLibrary(text, { disallowedSpecial: new Set() }));
  });

  it("takes special tokens in a text for ordinary characters", () => {
    const text = "a<|endoftext|><|fim_prefix|><|fim_middle|><|fim_suffix|>";
    for (const tokenizer of [gpt2, p50k]) {
      const tokens = tokenizer.encode(text);
      assert.ok(!tokens.some((token) => tokenizer.isSpecial(token)));
      assert.equal(tokenizer.decode(tokens), text);
    }
  });

  it("names special tokens when they are decoded", () => {
    assert.equal(p50k.decode([50256, 50281, 50283, 50282]), "<|endoftext|><|fim_prefix|><|fim_suffix|><|fim_middle|>");
    assert.deepEqual(p50k.fim, { prefix: 50281, middle: 50282, suffix: 50283 });
    assert.equal(p50k.endOfText, 50256);
    assert.equal(gpt2.fim, undefined);
    assert.ok(gpt2.isSpecial(50256) && !gpt2.isSpecial(50255));
  });

  it("survives NUL, byte order marks, lone surrogates and bytes that are no UTF-8", () => {
    for (const text of ["\0\0", "\ufeffconst", "x\ufeff"]) assert.equal(p50k.decode(p50k.encode(text)), text);
    assert.deepEqual(p50k.encode("a\ud83d"), p50k.encode("a\ufffd"));
    assert.deepEqual(p50k.encode("\udc4d\ud83db"), p50k.encode("\ufffd\ufffdb"));
    const [first, ...rest] = p50k.encode("🪐");
    assert.ok(first !== undefined && rest.length > 0);
    assert.equal(p50k.decode([first]), "\ufffd");
    assert.equal(p50k.decode(p50k.encode("after")), "after", "half a character must not leak into the next text");
  });

  it("encodes runs that are longer than any real word as OpenAI's encoder does", () => {
    for (const text of ["a".repeat(1000), "-".repeat(700), "é".repeat(300), `x${"\n".repeat(999)}y`, " ".repeat(900)]) {
      assert.deepEqual(p50k.encode(text), encodeWithLibrary(text), JSON.stringify(text.slice(0, 3)));
    }
    for (const text of ["𝒜".repeat(1000), "👍".repeat(1001), "ab".repeat(50_000)]) {
      assert.equal(gpt2.decode(gpt2.encode(text)), text);
    }
  });

  it("gives padding rows no text", () => {
    const padded = tokenizerFor({ tokenizer: undefined, vocabSize: 50304 });
    assert.equal(padded.vocabSize, 50304);
    assert.ok(padded.isSpecial(50303));
    assert.equal(padded.decode([15496, 50303, 13]), "Hello.");
    assert.throws(() => padded.decode([50304]), RangeError);
    assert.throws(() => padded.bytes(-1), RangeError);
  });

  describe("tokensStartingWith", () => {
    it("finds exactly the tokens that a look at all of them finds", () => {
      for (const text of ["", " ", " func", "return", "\n", "é", "zzzz", "  "]) {
        const prefix = utf8(text);
        const expected = Array.from({ length: 50281 }, (_, id) => id).filter(
          (id) => id !== 50256 && prefix.every((byte, i) => p50k.bytes(id)[i] === byte),
        );
        assert.deepEqual(
          Array.from(p50k.tokensStartingWith(prefix)).sort((a, b) => a - b),
          expected,
          JSON.stringify(text),
        );
      }
    });

    it("finds tokens by bytes that are no whole character", () => {
      const half = utf8("é").subarray(0, 1);
      const found = p50k.tokensStartingWith(half);
      assert.ok(found.includes(p50k.encode("é")[0] ?? -1));
      assert.ok(found.every((token) => p50k.bytes(token)[0] === half[0]));
    });
  });

  describe("tokensAgreeingWith", () => {
    it("adds the tokens after which the rest is still to come", () => {
      for (const text of [" function", "cons", "  x", "日本"]) {
        const wanted = utf8(text);
        const expected = Array.from({ length: 50281 }, (_, id) => id).filter((id) => {
          const bytes = p50k.bytes(id);
          return id !== 50256 && bytes.every((byte, i) => wanted[i] === undefined || wanted[i] === byte);
        });
        assert.deepEqual(
          Array.from(p50k.tokensAgreeingWith(wanted)).sort((a, b) => a - b),
          expected,
          JSON.stringify(text),
        );
      }
    });

    it("allows every ordinary token when nothing is wanted", () => {
      assert.equal(gpt2.tokensAgreeingWith(new Uint8Array()).length, 50256);
    });
  });
});
