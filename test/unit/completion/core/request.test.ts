import assert from "node:assert/strict";
import type { StopRule } from "../../../../src/generation/request";
import { isClosing } from "../../../../src/completion/core/cursor";
import { stopRule } from "../../../../src/completion/core/stopRule";
import { scanBrackets } from "../../../../src/completion/core/nesting";
import { buildPrompt } from "../../../../src/completion/core/prompt";
import { textWindow } from "../../../../src/completion/core/textWindow";
import { refusal, type Situation } from "../../../../src/completion/core/trigger";
import { cursorIn } from "./support";

describe("buildPrompt", () => {
  it("puts the path in a comment of the language", () => {
    const header = (languageId: string) => buildPrompt(cursorIn("|", { languageId, path: "a/b" })).header;
    assert.equal(header("typescript"), "// a/b\n");
    assert.equal(header("python"), "# a/b\n");
    assert.equal(header("html"), "<!-- a/b -->\n");
    assert.equal(header("some-new-language"), "// a/b\n");
  });
  it("begins the suffix at the line's end where the rest of the line only closes", () => {
    assert.equal(buildPrompt(cursorIn("f(|);\nb();")).suffix, "\nb();");
    assert.equal(buildPrompt(cursorIn("f(|\nb();")).suffix, "\nb();");
    assert.equal(buildPrompt(cursorIn("f(|a, b);\n")).suffix, "a, b);\n");
  });
  it("has no suffix where only white space follows", () => {
    assert.equal(buildPrompt(cursorIn("f(|)\n\n")).suffix, "");
  });
});

describe("textWindow", () => {
  it("takes all of a short text", () => {
    assert.deepEqual(textWindow(1000), { start: 0, earliestStart: 0, end: 1000 + 8192 });
  });
  it("begins at a place that stays while one types", () => {
    const starts = new Set(Array.from({ length: 16_000 }, (_, typed) => textWindow(100_000 + typed).start));
    assert.ok(starts.size <= 2);
  });
  it("always reaches back far enough, and never much further", () => {
    for (let offset = 40_000; offset < 200_000; offset += 777) {
      const before = offset - textWindow(offset).start;
      assert.ok(before >= 32_768 && before < 49_152, `${before} characters before ${offset}`);
    }
  });
});

describe("isClosing", () => {
  const closing = ["", "  ", ")", "))", ");", '")', "})", ") {", "];", "`}", "):", "/>".slice(1), ",", ":"];
  const others = ["a", ") a", "() ", "+ b", "=> {", "// c", "[0]"];
  for (const rest of closing) it(`${JSON.stringify(rest)} closes`, () => assert.equal(isClosing(rest), true));
  for (const rest of others) it(`${JSON.stringify(rest)} does not`, () => assert.equal(isClosing(rest), false));

  it("is known at once for thousands of blanks and closers", () => {
    const blanks = " ".repeat(50_000);
    assert.equal(isClosing(blanks), true);
    assert.equal(isClosing(`${blanks})${blanks};${blanks}`), true);
    assert.equal(isClosing(`${blanks}x`), false);
    assert.equal(isClosing(`${")".repeat(50_000)}${blanks}x`), false);
  });
});

describe("refusal", () => {
  const situation: Situation = {
    trigger: "automatic",
    enabled: true,
    languages: { "*": true, markdown: false },
    languageId: "typescript",
    writable: true,
    drawn: true,
    exclusion: undefined,
    cursors: 1,
    hasSelection: false,
    lineRest: ")",
  };
  const refused = (change: Partial<Situation>) => refusal({ ...situation, ...change });

  it("lets typing at a line's end through", () => assert.equal(refused({}), undefined));
  it("goes by the language", () => {
    assert.equal(refused({ languageId: "markdown" }), "language");
    assert.equal(refused({ languageId: "markdown", trigger: "invoked" }), "language");
    assert.equal(refused({ languages: { "*": false } }), "language");
    assert.equal(refused({ languages: { "*": false, typescript: true } }), undefined);
    assert.equal(refused({ languages: {} }), undefined);
  });
  it("goes by the settings for files, and for parts of them unless asked", () => {
    for (const exclusion of ["secret", "gitIgnored", "inputBox"] as const) {
      assert.equal(refused({ exclusion }), exclusion);
      assert.equal(refused({ exclusion, trigger: "invoked" }), exclusion);
    }
    for (const exclusion of ["comment", "string", "deleting"] as const) {
      assert.equal(refused({ exclusion }), exclusion);
      assert.equal(refused({ exclusion, trigger: "invoked" }), undefined);
    }
  });
  it("is off when ghost text is, unless asked", () => {
    assert.equal(refused({ enabled: false }), "disabled");
    assert.equal(refused({ enabled: false, trigger: "invoked" }), undefined);
  });
  it("stays out of lines, unless asked", () => {
    assert.equal(refused({ lineRest: "foo" }), "insideLine");
    assert.equal(refused({ lineRest: "foo", trigger: "invoked" }), undefined);
  });
  it("is not for several cursors, selections and documents that cannot be written", () => {
    assert.equal(refused({ cursors: 2 }), "multipleCursors");
    assert.equal(refused({ hasSelection: true }), "selection");
    assert.equal(refused({ writable: false }), "readonly");
    assert.equal(refused({ drawn: false, trigger: "invoked" }), "notDrawn");
  });
});

describe("stopRule", () => {
  const rows: readonly (readonly [document: string, languageId: string, expected: StopRule])[] = [
    ["const a = |", "typescript", "line"],
    ["if (a) {|", "typescript", "block"],
    ["if (a) {|}", "typescript", "block"],
    ["if (a) { |", "typescript", "block"],
    ["if (a) {\n  |\n}", "typescript", "block"],
    ["if (a) {\n  b|\n}", "typescript", "line"],
    ["{\n|\n}", "typescript", "block"],
    ["a();\n|", "typescript", "line"],
    ["f(|bar)", "typescript", "line"],
    ["def f():|", "python", "block"],
    ["def f():\n    |", "python", "block"],
    ["a = b ? c :|", "typescript", "line"],
    ["if a; then|", "shellscript", "block"],
  ];
  for (const [document, languageId, expected] of rows) {
    it(`${JSON.stringify(document)} (${languageId}): ${expected}`, () => {
      assert.equal(stopRule(cursorIn(document, { languageId }), "auto"), expected);
    });
  }
  it("is never more than a line when set so", () => {
    assert.equal(stopRule(cursorIn("if (a) {|"), "never"), "line");
  });
});

describe("scanBrackets", () => {
  const open = (text: string, languageId = "typescript") => {
    const { end } = scanBrackets(text, languageId);
    const brackets = (kinds: readonly string[]) =>
      end.openers.filter(({ kind }) => kinds.includes(kind)).map(({ bracket }) => bracket);
    return [...brackets(["code", "interpolation"]), end.quote, ...brackets(["literal"])].join("");
  };
  const rows: readonly (readonly [text: string, languageId: string, open: string])[] = [
    ["f(a, [b, { c", "typescript", "([{"],
    ["f(a, [b, { c }])", "typescript", ""],
    ["f('(', \"[\", `{`, /* ( */ a // )\n", "typescript", "("],
    ['f("a\\"(', "typescript", '("('],
    ['f("a (b) [c', "typescript", '("['],
    ['f("a (b")', "typescript", ""],
    ['print(f"{a} {b', "python", '("{'],
    ["// it's (", "typescript", "\n("],
    ["// a \\\nf(", "typescript", "("],
    ["<p>don't</p> (", "html", "("],
    ["x = f'a", "python", "'"],
    ["fn f<'a>(x: &'a str", "rust", "("],
    ["let c = '(';", "rust", ""],
    ["n=${#list} $(", "shellscript", "("],
    ["it's a `tick", "markdown", ""],
    ["f('its a (\n[", "typescript", "(["],
    ["`a ${b(", "typescript", "{("],
    ["`a ${b} (", "typescript", "`("],
    ["x = '''( \n [", "python", "'''(["],
    ["x = [ # (\n", "python", "["],
    ["// a (", "typescript", "\n("],
    ["a ) b (", "typescript", "("],
  ];
  for (const [text, languageId, expected] of rows) {
    it(JSON.stringify(text), () => assert.equal(open(text, languageId), expected));
  }
  it("says what a text opens and leaves open, and where", () => {
    const unclosed = (text: string) => scanBrackets(text, "typescript").unclosed;
    assert.deepEqual(unclosed("f(a, `b ${c"), [
      { closer: ")", index: 1 },
      { closer: "`", index: 5 },
      { closer: "}", index: 8 },
    ]);
    assert.deepEqual(unclosed('f("a (") // ('), [{ closer: "\n", index: 9 }]);
    assert.deepEqual(unclosed('f("a (") // (\n'), []);
  });
  it("says what a text closes that was open before it", () => {
    const { end } = scanBrackets("f(g({", "typescript");
    const { closers, unclosed } = scanBrackets("a }, b)\n  )", "typescript", end);
    assert.deepEqual(closers, [
      { character: "}", index: 2, indent: undefined },
      { character: ")", index: 6, indent: undefined },
      { character: ")", index: 10, indent: 2 },
    ]);
    assert.deepEqual(unclosed, []);
  });
});
