import { assert } from "chai";
import { CompletionCache } from "../../../../src/completion/core/cache";
import { outermost, scanBrackets } from "../../../../src/completion/core/nesting";
import { RegexLiterals } from "../../../../src/completion/core/regexLiterals";
import { withoutDanglingEnd } from "../../../../src/completion/core/postprocess/danglingEnd";
import { nestingBefore, scanStart } from "../../../../src/completion/core/postprocess/insertionContext";
import { postprocess } from "../../../../src/completion/core/postprocess/index";
import { cursorIn } from "./support";

const many = 200_000;
const blanks = " ".repeat(many);

describe("very long lines and runs of one character", () => {
  it("scans some 20,000 characters before the cursor at most, from a place that stays while one types", () => {
    const line = "call(one, two); ".repeat(many / 16);
    for (let typed = 0; typed < 10_000; typed += 7) {
      const length = many + typed;
      const start = scanStart("x".repeat(length));
      assert.isAtMost(length - start, 20_480);
      assert.equal(start % 4096, 0);
    }
    assert.equal(scanStart(`${line}\nfoo(`), line.length + 1);
    assert.equal(scanStart("foo(\nbar"), 0);
    assert.deepEqual(
      nestingBefore(cursorIn(`${line}foo([|`)).openers.map(({ bracket }) => bracket),
      ["(", "["],
    );
  });

  it("knows the indentation of each of a line's many brackets", () => {
    const { end, closers } = scanBrackets(`\n${blanks}${"()".repeat(many / 2)}([`, "typescript");
    assert.deepEqual(
      end.openers.map(({ bracket, indent }) => [bracket, indent]),
      [
        ["(", many],
        ["[", many],
      ],
    );
    assert.isEmpty(closers);
    const aligned = scanBrackets(`\n\u00a0\t ) }\n  ]`, "typescript", outermost).closers;
    assert.deepEqual(
      aligned.map(({ character, indent }) => [character, indent]),
      [
        [")", 3],
        ["}", undefined],
        ["]", 2],
      ],
    );
  });

  it("lists a thousand closers at most, the first ones", () => {
    const { closers, end } = scanBrackets(")".repeat(many), "typescript");
    assert.deepEqual([closers.length, closers.at(-1)?.index], [1000, 999]);
    assert.deepEqual(end.openers, []);
  });

  it("closes a bracket below a hundred others that are open", () => {
    const { end } = scanBrackets(`{${"(".repeat(90)}${"]".repeat(many)}}[`, "typescript");
    assert.deepEqual(
      end.openers.map(({ bracket }) => bracket),
      ["["],
    );
  });

  it("gives up on regular expressions after a hundred slashes that begin none", () => {
    const literals = new RegexLiterals("[/".repeat(1000));
    for (let index = 1; index < 2000; index += 2) literals.lengthAt(index, 0);
    assert.equal(literals.failures, 100);
    const code = "x = /[/(]a/; y = 1 / 2";
    const found = new RegexLiterals(code);
    assert.deepEqual([found.lengthAt(4, 0), found.lengthAt(19, 0), found.failures], ["[/(]a/".length, 0, 0]);
  });

  it("finds operators and words that ask for more after 200,000 blanks, and those blanks", () => {
    assert.equal(withoutDanglingEnd(`x =${blanks}`), "x");
    assert.equal(withoutDanglingEnd(`${blanks}x`), `${blanks}x`);
    assert.equal(withoutDanglingEnd(`${blanks}x = not`), `${blanks}x`);
    assert.equal(withoutDanglingEnd("a.if"), "a.if");
    assert.equal(withoutDanglingEnd("x.instanceof"), "x.instanceof");
    assert.equal(withoutDanglingEnd("𝐀instanceof"), "𝐀instanceof");
    assert.equal(withoutDanglingEnd(" instanceof"), "");
  });

  it("finds a cached text after 40,000 equal characters", () => {
    const cache = new CompletionCache();
    const before = `${" ".repeat(40_000)}\n`;
    for (let i = 0; i < 100; i++) cache.add(cursorIn(`${before}${i}|`), "x".repeat(300));
    cache.add(cursorIn(`${before}tot|`), "al = sum(values)");
    assert.deepEqual(cache.find(cursorIn(`${before}total = |`)), { text: "sum(values)", typed: "al = " });
    assert.isUndefined(cache.find(cursorIn(`${before}tok|`)));
  });

  it("cuts a suggestion before what stays open after a line of 40,000 blanks", () => {
    const text = postprocess('x = call("abc', cursorIn(`${" ".repeat(40_000)}|`))?.text;
    assert.equal(text, "x = call");
  });
});
