import assert from "node:assert/strict";
import { indentationOf, languageOf } from "../../../src/cli/language";
import { offsetAt } from "../../../src/cli/textOffset";
import { InputError } from "../../../src/generation/errors";

describe("offsetAt", () => {
  const text = "ab\n\nc👍d";

  it("counts lines and columns from 1, columns in UTF-16 units", () => {
    assert.equal(offsetAt(text, 1, 1, "f"), 0);
    assert.equal(offsetAt(text, 1, 3, "f"), 2);
    assert.equal(offsetAt(text, 2, 1, "f"), 3);
    assert.equal(offsetAt(text, 3, 5, "f"), text.length);
    assert.equal(offsetAt("", 1, 1, "f"), 0);
  });

  it("says which lines and columns there are", () => {
    const message = (line: number, column: number) => {
      try {
        offsetAt(text, line, column, "f.ts");
      } catch (error) {
        assert.ok(error instanceof InputError);
        return error.message;
      }
      return undefined;
    };
    assert.equal(message(4, 1), "f.ts has no line 4. Its lines are 1 to 3.");
    assert.equal(message(0, 1), "f.ts has no line 0. Its lines are 1 to 3.");
    assert.equal(message(1, 4), "Line 1 of f.ts has no column 4. Its columns are 1 to 3.");
    assert.equal(message(1, 0), "Line 1 of f.ts has no column 0. Its columns are 1 to 3.");
  });
});

describe("languageOf", () => {
  it("goes by the ending or the name", () => {
    assert.equal(languageOf("src/a.test.ts"), "typescript");
    assert.equal(languageOf("C:\\x\\B.PY"), "python");
    assert.equal(languageOf("deploy/Dockerfile"), "dockerfile");
    assert.equal(languageOf("my.dir/README"), "plaintext");
    assert.equal(languageOf("a.unknown"), "plaintext");
  });
});

describe("indentationOf", () => {
  it("goes by the first indented line", () => {
    assert.deepEqual(indentationOf("if x:\n  y\n    z\n"), { insertSpaces: true, tabSize: 2 });
    assert.deepEqual(indentationOf("if (x) {\n\ty;\n}"), { insertSpaces: false, tabSize: 4 });
    assert.deepEqual(indentationOf("a\n"), { insertSpaces: true, tabSize: 4 });
    assert.deepEqual(indentationOf("/**\n * text\n */\nf() {\n    g();\n"), { insertSpaces: true, tabSize: 4 });
  });
});
