import assert from "node:assert/strict";
import { postprocess } from "../../../../../src/completion/core/postprocess/index";
import { modelText } from "../../../../../src/completion/core/postprocess/modelText";
import { normalize } from "../../../../../src/completion/core/postprocess/normalize";
import { cursorIn } from "../support";

describe("postprocess", () => {
  it("lets several lines reach the line's end, as the editor wants it", () => {
    const cursor = cursorIn("f(|);");
    assert.deepEqual(postprocess("() => {\n  a();\n})", cursor), {
      text: "() => {\n  a();\n});",
      replaces: 2,
      closers: "",
    });
  });

  it("closes what a line opens after the cursor, unless the document does", () => {
    const closersOf = (text: string, document: string) => postprocess(text, cursorIn(document))?.closers;
    assert.equal(closersOf("run(a, [{", "|"), "}])");
    assert.equal(closersOf("a, {", "f(|)"), "}");
    assert.equal(closersOf("if (a) {", "|\n  b();\n}"), "");
    assert.equal(closersOf("const a = b(", "|\n  c,\n);"), "");
    assert.equal(closersOf("const a = b(", "|\nc();"), ")");
    assert.equal(closersOf("() => {", "f(|)"), undefined);
    assert.equal(closersOf("{", "f(|)\n  .then(b)"), undefined);
  });

  it("goes on to suggest what is left of a line, down to its last brackets", () => {
    const left = postprocess(" {", cursorIn("import|"), "mport");
    assert.deepEqual(left, { text: " {", replaces: 0, closers: "}" });
    assert.equal(postprocess(" {", cursorIn("import|")), undefined, "a new one");
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
  it("drops a space after one that is there", () => {
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

describe("modelText", () => {
  it("leaves a text that ended by itself", () => {
    assert.equal(modelText({ text: "a = b +", finish: "stop" }, cursorIn("|")), "a = b +");
    assert.equal(modelText({ text: "a = b +", finish: "endOfText" }, cursorIn("|")), "a = b +");
  });
  it("ends one that reached the longest length after its last whole line", () => {
    assert.equal(modelText({ text: "a();\nb(c", finish: "length" }, cursorIn("|")), "a();");
    assert.equal(modelText({ text: "\n  a();\n  b(c", finish: "context" }, cursorIn("{|")), "\n  a();");
  });
  it("ends a single line before what asks for more", () => {
    assert.equal(modelText({ text: "\n  a = b + cou", finish: "length" }, cursorIn("{|")), "\n  a = b");
    assert.equal(modelText({ text: "return", finish: "length" }, cursorIn("|")), "");
  });
});
