import assert from "node:assert/strict";
import { postprocess } from "../../../../../src/completion/core/postprocess/index";
import { normalize } from "../../../../../src/completion/core/postprocess/normalize";
import { cursorIn } from "../support";

/** The document after the suggestion for the cursor at `|` was accepted; undefined when there is none. */
function accepted(document: string, text: string): string | undefined {
  const cursor = cursorIn(document);
  const suggestion = postprocess(text, cursor);
  return suggestion && cursor.before + suggestion.text + cursor.after.slice(suggestion.replaces);
}

describe("postprocess", () => {
  const rows: readonly (readonly [document: string, text: string, expected: string | undefined])[] = [
    ["f(|)", "a, b)", "f(a, b)"],
    ["f(|)", "a, b);", "f(a, b);"],
    ["f(|);", "a, b);", "f(a, b);"],
    ["f(|);", "a).then(b);", "f(a).then(b);"],
    ["f(|)", "g(a)", "f(g(a))"],
    ["f(|)", "g(a))", "f(g(a))"],
    ["f(|)", "a)(b", "f(a)(b)"],
    ["if (|) {\n}", "a === b) {", "if (a === b) {\n}"],
    ['f("|")', 'a"', 'f("a")'],
    ['f("|")', 'a" + "b', 'f("a" + "b")'],
    ['f("|")', 'a", "b")', 'f("a", "b")'],
    ["const a = [|];", "1, 2];", "const a = [1, 2];"],
    ["import { | } from 'a';", "b, c", "import { b, c } from 'a';"],
    ["const f = () => {|}", "\n  a();\n}", "const f = () => {\n  a();\n}"],
    ["f(|);", "() => {\n  a();\n})", "f(() => {\n  a();\n});"],
    ["f(|)", ")", undefined],
    ["f(|);", ");", undefined],
    ["a|", "  \n ", undefined],
    ["a|", "", undefined],
    ["{\n  |\n}", "return a;\n}", "{\n  return a;\n}"],
    ["{\n  |\n}", "}", undefined],
    ["<div|>", ' class="a">', '<div class="a">'],
    ["<div|></div>", ' class="a"></div>', '<div class="a"></div>'],
  ];
  for (const [document, text, expected] of rows) {
    it(`${JSON.stringify(document)} + ${JSON.stringify(text)}`, () => assert.equal(accepted(document, text), expected));
  }

  it("lets several lines reach the line's end, as the editor wants it", () => {
    const cursor = cursorIn("f(|);");
    assert.deepEqual(postprocess("() => {\n  a();\n})", cursor), { text: "() => {\n  a();\n});", replaces: 2 });
  });
});

describe("normalize", () => {
  it("writes tabs where the editor does", () => {
    const cursor = cursorIn("\t|", { indentation: { insertSpaces: false, tabSize: 4 } });
    assert.equal(normalize("if (a) {\n        b();\n    }", cursor), "if (a) {\n\t\tb();\n\t}");
  });
  it("writes spaces where the editor does", () => {
    assert.equal(normalize("if (a) {\n\tb();\n}", cursorIn("|")), "if (a) {\n  b();\n}");
  });
  it("drops a space behind one that is there", () => {
    assert.equal(normalize(" 1;", cursorIn("const a = |")), "1;");
    assert.equal(normalize(" 1;", cursorIn("const a =|")), " 1;");
  });
  it("leaves indentation on an empty line", () => {
    assert.equal(normalize("  a();", cursorIn("  |")), "  a();");
  });
  it("knows no carriage returns", () => {
    assert.equal(normalize("a\r\nb\rc", cursorIn("|")), "a\nb\nc");
  });
});
