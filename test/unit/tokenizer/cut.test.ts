import assert from "node:assert/strict";
import { splitExpression } from "../../../src/tokenizer/byteLevel/pattern";
import { gpt2Pattern, splitNamed } from "../../../src/tokenizer/byteLevel/knownSplits";
import { seededRandom } from "../../../src/generation/sampling/random";
import { cut } from "../../../src/tokenizer/cut";

/** The same without windows. */
function whole(text: string, expression: RegExp): string[] {
  const parts: string[] = [];
  let done = 0;
  for (const { index, 0: match } of text.matchAll(expression)) {
    if (match === "") continue;
    if (index > done) parts.push(text.slice(done, index));
    parts.push(match);
    done = index + match.length;
  }
  return done < text.length ? [...parts, text.slice(done)] : parts;
}

const windows = (text: string, expression: RegExp) =>
  Array.from(cut(text, { expression, isLinear: false }), ({ content }) => content);

describe("cutting a text by an expression", () => {
  it("gives the matches of the whole text and what is between them, however long they are", () => {
    const random = seededRandom(4);
    const pieces = [
      "word ",
      " ",
      "\n",
      "a",
      "12",
      "…",
      "😀",
      "   \n\n",
      "don't ",
      "x".repeat(700),
      " ".repeat(1500),
      "😀".repeat(600),
    ];
    const patterns = [
      gpt2Pattern,
      "\\p{N}",
      "\\s+",
      "[a-z]+ ?",
      "[^a]+",
      "a|😀",
      "\\p{N}{1,3}|[\\r\\n]+|\\s+(?!\\S)|\\s+|\\S+",
    ];
    for (let round = 0; round < 20; round++) {
      let text = "";
      while (text.length < 6000) text += pieces[Math.floor(random() * pieces.length)] ?? "";
      for (const pattern of patterns) {
        const { expression } = splitExpression(pattern);
        const found = windows(text, expression);
        // Not deepEqual: of two long lists it would print every line.
        assert.ok(JSON.stringify(found) === JSON.stringify(whole(text, expression)), `${pattern}, round ${round}`);
      }
    }
  });

  it("knows which expressions need no windows", () => {
    const linear = (pattern: string) => splitExpression(pattern).isLinear;
    for (const pattern of [gpt2Pattern, "\\p{N}", "\\s+", "[a-z]+ ?|b", ...(splitNamed("qwen2")?.patterns ?? [])]) {
      assert.ok(linear(pattern), pattern);
    }
    for (const pattern of ["a+b", "a*b|c", "a+(?!b)", "a+$", "(?:a+|c)b"]) assert.ok(!linear(pattern), pattern);
  });

  it("says where each part ends", () => {
    const parts = Array.from(cut("ab 12 cd", { expression: /\d+/gu, isLinear: true }));
    assert.deepEqual(parts, [
      { content: "ab ", end: 3 },
      { content: "12", end: 5 },
      { content: " cd", end: 8 },
    ]);
    assert.deepEqual(Array.from(cut("", { expression: /a/gu, isLinear: true })), []);
  });

  for (const [pattern, unit] of [
    ["a+b", "a"],
    ["[ab]+c", "ab"],
    ["a+$|a", "a"],
    ["a+(?![ab])|a", "a"],
    ["\\s*[\\r\\n]+", " "],
    ["a?a?a?a+b", "a"],
  ] as const) {
    it(`ends for ${pattern} on a text that it would try again from each letter`, () => {
      const text = `${unit.repeat(2 ** 17 / unit.length)}b`;
      const parts = windows(text, splitExpression(pattern).expression);
      assert.equal(
        parts.reduce((length, part) => length + part.length, 0),
        text.length,
      );
    });
  }
});
