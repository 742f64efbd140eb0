import assert from "node:assert/strict";
import { StopStrings } from "../../../../src/generation/decoding/stopStrings";
import { TextWriter } from "../../../../src/generation/decoding/textWriter";
import { seededRandom } from "../../../../src/generation/sampling/random";
import type { Tokenizer } from "../../../../src/tokenizer/tokenizer";
import { tokenizerFor } from "../../../../src/tokenizer/tokenizerFor";
import { FakeTokenizer, greedy } from "../fakes";

const random = seededRandom(21);
const below = (limit: number) => Math.floor(random() * limit);
const pieces = [
  ...[
    "a",
    "b",
    " ",
    "\n",
    "é",
    "e\u0301",
    "ñ",
    "日本",
    "語",
    "한",
    "\u0301",
    "😀",
    "👩‍👩‍👧",
    "🇩🇪",
    "👍🏽",
    "\ufeff",
    "\u2028",
  ],
];
const someText = (length: number) => Array.from({ length }, () => pieces[below(pieces.length)] ?? "").join("");

/** What is left of a text by definition: characters are added one by one until a stop is complete. */
function cutByDefinition(text: string, stops: readonly string[]): string {
  let soFar = "";
  for (const character of text) {
    soFar += character;
    const complete = stops.filter((stop) => stop !== "" && soFar.endsWith(stop));
    if (complete.length > 0) return soFar.slice(0, soFar.length - Math.max(...complete.map(({ length }) => length)));
  }
  return text;
}

function writer(strings: readonly string[], tokenizer: Tokenizer = new FakeTokenizer(), maxTokens = 10_000) {
  return new TextWriter(tokenizer, {
    prompt: { tokens: [0], head: 0 },
    rolledBack: [],
    sampling: greedy,
    maxTokens,
    stops: { strings },
  });
}

describe("stop strings", () => {
  it("are found wherever tokens begin and end, and what is shown is never rolled back", () => {
    // The second vocabulary has tokens with parts of characters and of several characters.
    for (const tokenizer of [new FakeTokenizer(), tokenizerFor({ tokenizer: "gpt2", vocabSize: 50257 })]) {
      for (let i = 0; i < 300; i++) {
        const text = someText(30);
        const from = below(text.length);
        const stops = [someText(1 + below(3)), text.slice(from, from + 1 + below(5)), ""].slice(below(3));
        const written = new TextWriter(tokenizer, {
          prompt: { tokens: [0], head: 0 },
          rolledBack: [],
          sampling: greedy,
          maxTokens: 10_000,
          stops: { strings: stops },
        });
        let shown = "";
        for (const token of tokenizer.encode(text)) {
          const goesOn = written.accept(token);
          assert.ok(written.text.startsWith(shown), "what is shown only grows");
          shown = written.text;
          assert.ok(!/\p{Surrogate}/u.test(shown) && !shown.includes("\ufffd"), JSON.stringify(shown));
          if (!goesOn) break;
        }
        const wellFormed = stops.map((stop) => Buffer.from(stop).toString());
        const expected = cutByDefinition(text, wellFormed);
        assert.equal(written.end().text, expected, JSON.stringify([text, stops]));
        assert.ok(expected.startsWith(shown));
      }
    }
  });

  it("leave only whole characters of any tokens, and what is shown is never rolled back", () => {
    for (const tokenizer of [new FakeTokenizer(), tokenizerFor({ tokenizer: "gpt2", vocabSize: 50257 })]) {
      const parts = pieces.flatMap((piece) => tokenizer.encode(piece));
      for (let i = 0; i < 300; i++) {
        // Tokens that a model without sense writes: characters that are begun and never ended, and ends of others.
        const tokens = Array.from({ length: 24 }, () =>
          random() < 0.5 ? (parts[below(parts.length)] ?? 0) : below(tokenizer.endOfText),
        );
        const whole = Buffer.concat(tokens.map((token) => tokenizer.bytes(token)));
        const read = new TextDecoder("utf-8", { ignoreBOM: true }).decode(whole, { stream: true });
        const from = below(read.length);
        const stops = [someText(1 + below(3)), read.slice(from, from + 1 + below(5))].slice(below(3));
        const written = writer(stops, tokenizer);
        let shown = "";
        for (const token of tokens) {
          const goesOn = written.accept(token);
          assert.ok(written.text.startsWith(shown) && read.startsWith(written.text), JSON.stringify([tokens, stops]));
          shown = written.text;
          if (!goesOn) break;
        }
        const wellFormed = stops.map((stop) => Buffer.from(stop).toString());
        assert.equal(written.end().text, cutByDefinition(read, wellFormed), JSON.stringify([tokens, stops]));
      }
    }
  });

  it("hold back only what may become one", () => {
    const stops = new StopStrings(["\n\n", "END"]);
    assert.deepEqual(
      ["ab", "ab\n", "abE", "abEN", "abENd"].map((text) => stops.safeLength(text)),
      [2, 2, 2, 2, 5],
    );
  });

  it("take the one that is complete first, and of those the longest", () => {
    assert.equal(new StopStrings(["abcd", "bc"]).cutAt("abcd", 0), 1);
    assert.equal(new StopStrings(["c", "abc"]).cutAt("abc", 0), 0);
    assert.equal(new StopStrings(["x"]).cutAt("abc", 0), undefined);
  });

  it("leave out an incomplete character at the end of a text", () => {
    for (const character of ["é", "日", "😀"]) {
      const bytes = [...Buffer.from(character)];
      for (let length = 1; length < bytes.length; length++) {
        const written = writer([], new FakeTokenizer(), length);
        for (const byte of bytes.slice(0, length)) written.accept(byte);
        assert.equal(written.end().text, "");
        assert.equal(written.tokens.length, length);
      }
    }
  });
});
