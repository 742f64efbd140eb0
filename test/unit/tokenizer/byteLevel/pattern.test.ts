import { strict as assert } from "node:assert";
import { UnusableVocabulary } from "../../../../src/tokenizer/byteLevel/definition";
import { splitExpression } from "../../../../src/tokenizer/byteLevel/pattern";

function matches(pattern: string, text: string): string[] {
  return Array.from(text.matchAll(splitExpression(pattern).expression), ([match]) => match);
}

describe("splitExpression", () => {
  it("keeps the meaning of what JavaScript writes or means differently", () => {
    assert.deepEqual(matches("\\s+", "a\u0085\u2003b\ufeffc"), ["\u0085\u2003"]);
    assert.deepEqual(matches("[^\\s]+", "a\ufeff b"), ["a\ufeff", "b"]);
    assert.deepEqual(matches("(?i:'s|[a-z]x)", "'S 's 'ſ Ax"), ["'S", "'s", "'ſ", "Ax"]);
    assert.deepEqual(matches("\\d+", "12 ٣٤"), ["12", "٣٤"]);
    assert.deepEqual(matches("\\pL+|\\p{^L}+", "ab1"), ["ab", "1"]);
    assert.deepEqual(matches("\\x41\\x{1F600}?|\\u0042", "A😀B"), ["A😀", "B"]);
    assert.deepEqual(matches("\\'\\ \\-[\\-\\']\\!", "' -'!"), ["' -'!"]);
    assert.deepEqual(matches("}]|.", "}]\nx"), ["}]", "x"]);
    assert.deepEqual(matches("(a|b)c", "acbc"), ["ac", "bc"]);
  });

  it("does not give back what a possessive quantifier took", () => {
    assert.deepEqual(matches("a?+ab|a++a|a", "aab aa"), ["aab", "a", "a"]);
    assert.deepEqual(matches("\\p{N}{1,2}+\\p{N}", "12 123"), ["123"]);
  });

  it("refuses what would depend on the text before, take forever or is not known, and names it", () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ["(?<=a)b", /“\(\?</],
      ["(?<!a)b", /“\(\?</],
      ["^a", /“\^”/],
      ["(?>a)", /“\(\?>/],
      ["(?i)a", /“\(\?i/],
      ["(a+)+$", /a group that repeats/],
      ["(a|b){2,}", /a group that repeats/],
      ["a*a*b", /too many repetitions in a row/],
      ["a?".repeat(24) + "b", /too many repetitions in a row/],
      ["(?:a|a)".repeat(24) + "b", /too many repetitions in a row/],
      ["(?:a|aa|a?)(?:a|aa|a?)(?:b)", /too many repetitions in a row/],
      ["a{1,90}a{1,90}b", /too many repetitions in a row/],
      ["a{1,90}(?!b)", /too many repetitions in a row/],
      ["a+b|".repeat(80) + "c", /too many repetitions in a row/],
      ["(a)\\1", /“\\1”/],
      ["\\bword", /“\\b”/],
      ["[a[b]]", /a set in a set/],
      ["[a-z&&[^b]]", /a set in a set/],
      ["(a", /not closed/],
      ["a)", /a parenthesis too many/],
      ["[a", /a set that is not closed/],
      ["\\", /not supported/],
      ["*a", /“\*”/],
      ["\\p{Nonsense}", /Invalid property name/],
      ["a".repeat(30_000), /30000 characters/],
    ];
    for (const [pattern, message] of cases) {
      assert.throws(
        () => splitExpression(pattern),
        (error) => error instanceof UnusableVocabulary && message.test(error.message),
        pattern.slice(0, 40),
      );
    }
  });

  it("allows two repetitions in a row when nothing must follow, or only something optional", () => {
    for (const pattern of [
      "\\s*[\\r\\n]+",
      "[A-Z]*[a-z]+(?i:'s|'t)?",
      " ?[^\\s]+[\\r\\n/]*",
      "a*b*|c+d",
      "a?a?a?b",
      "(?:a|b|c)d",
      "\\p{N}{1,3}x?",
    ])
      splitExpression(pattern);
    for (const pattern of ["a*b*(?:c)", "a*b*(?!c)", "(?:a*b*|c)d", "a*(?:b*)c"]) {
      assert.throws(() => splitExpression(pattern), /too many repetitions in a row/, pattern);
    }
  });
});
