import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import path from "node:path";
import { IncrementalEncoder } from "../../../src/tokenizer/incrementalEncoder";
import { named } from "../../../src/tokenizer/byteLevel/assemble";
import { tokenizerJson } from "../../../src/tokenizer/byteLevel/tokenizerJson";
import type { Tokenizer } from "../../../src/tokenizer/tokenizer";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";
import { tokenizerCases } from "../../fixtures/tokenizerCases";

const gpt2 = tokenizerFor({ tokenizer: "gpt2", vocabSize: 50257 });
const p50k = tokenizerFor({ tokenizer: "p50k_edit", vocabSize: 50284 });

const defined = Object.fromEntries(
  ["added tokens", "words of GPT-4o", "digits one by one", "NFC"].map((name) => {
    const definition = tokenizerJson(tokenizerCases.get(name) ?? {}, {});
    return [name, tokenizerFor({ tokenizer: undefined, vocabSize: 1024 }, named(definition))] as const;
  }),
);

/** A small seeded generator (mulberry32), so that a failure can be repeated. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** What edits insert: everything at which the split pattern looks ahead, and what does not fit one UTF-16 unit or one byte. */
const pieces = [
  ...["a", "Z", "0", "9", " ", "\t", "\n", "\r", ".", ",", ";", "(", ")", "{", "}", "=", "_", "/", '"', "'", "`"],
  ...["'s", "'re", "'ll", "'v", "'", " '", "''", "I'll", "don't"],
  ...["\r\n", "\r\n\r\n", "    ", "  ", "\n\n\n", "\t\t", " \n ", "\u00a0", "\u3000", "\u2028", "\0"],
  ...["é", "e\u0301", "ß", "日本語", "हिन्दी", "𝒜", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "\ud83d", "\udc4d", "\ufeff", "½", "Ⅷ"],
  ...["<tool>", "<pad>", "<to", "ol>", "x  ", "é".normalize("NFD"), "\u0301"],
  ...["<|endoftext|>", "const", " function", "return x;", "=>", "0x1F", "__init__", "// comment\n"],
  ...[" ".repeat(259), "a".repeat(255), "-".repeat(512)],
];

function randomEdit(text: string, random: (below: number) => number): string {
  const at = random(text.length + 1);
  const removed = random(4) === 0 ? random(40) : random(3);
  const inserted = Array.from({ length: random(4) }, () => pieces[random(pieces.length)] ?? "").join("");
  return text.slice(0, at) + inserted + text.slice(at + removed);
}

describe("IncrementalEncoder", () => {
  for (const [name, tokenizer] of Object.entries({ gpt2, p50k, ...defined })) {
    it(`gives what encoding all of it gives, over 5,000 random edits (${name})`, () => {
      const random = seeded(1);
      let encoder = new IncrementalEncoder(tokenizer);
      let text = "";
      for (let i = 0; i < 5000; i++) {
        if (text.length > 800) text = text.slice(random(800));
        if (i % 500 === 0) encoder = new IncrementalEncoder(tokenizer);
        const before = text;
        text = randomEdit(text, random);
        const tokens = encoder.encode(text);
        if (tokens.join() !== tokenizer.encode(text).join()) {
          assert.fail(`edit ${i}: ${JSON.stringify(before)} -> ${JSON.stringify(text)}`);
        }
      }
    });
  }

  it("gives what encoding all of it gives after every single edit of short tricky texts", () => {
    const letters = ["'", "r", "e", " ", "\n", "x", "1", "\ud83d", "\udc4d"];
    const texts = letters.flatMap((a) =>
      letters.flatMap((b) => letters.flatMap((c) => letters.map((d) => a + b + c + d))),
    );
    const random = seeded(2);
    for (const text of texts) {
      for (let at = 0; at <= text.length; at++) {
        const encoder = new IncrementalEncoder(p50k);
        encoder.encode(text);
        const removed = random(2);
        const edited = text.slice(0, at) + (letters[random(letters.length)] ?? "") + text.slice(at + removed);
        assert.deepEqual(encoder.encode(edited), p50k.encode(edited), JSON.stringify([text, edited]));
      }
    }
  });

  it("encodes only what an edit touches", () => {
    let encoded = 0;
    const counting: Tokenizer = {
      ...p50k,
      *preTokens(text: string, from?: number) {
        for (const preToken of p50k.preTokens(text, from)) {
          encoded++;
          yield preToken;
        }
      },
    };
    const encoder = new IncrementalEncoder(counting);
    const document = readFileSync(path.resolve("src/tokenizer/incrementalEncoder.ts"), "utf8");
    const cost = (text: string) => {
      encoded = 0;
      assert.deepEqual(encoder.encode(text), p50k.encode(text));
      return encoded;
    };
    assert.ok(cost(document) > 500);
    assert.equal(cost(document), 0);
    assert.ok(cost(`${document}const`) <= 4, "typing at the end");
    assert.ok(cost(document) <= 4, "undoing that");
    const middle = document.length >> 1;
    assert.ok(cost(`${document.slice(0, middle)}(x)${document.slice(middle)}`) <= 8, "typing in the middle");
    cost(document);
    const secondLine = document.indexOf("\n") + 1;
    assert.ok(cost(document.slice(secondLine)) <= 2, "moving the start of the window");
    assert.ok(cost(document) < 40, "moving it back");
  });

  it("hands out tokens of their own", () => {
    const encoder = new IncrementalEncoder(gpt2);
    encoder.encode("Hello.").length = 0;
    assert.deepEqual(encoder.encode("Hello."), [15496, 13]);
    assert.deepEqual(encoder.encode(""), []);
  });
});
