import assert from "node:assert/strict";
import { keepBalanced } from "../../../../../src/completion/core/postprocess/keepBalanced";
import { insertionContext, type Filter } from "../../../../../src/completion/core/postprocess/insertionContext";
import { stopAtLineEnd } from "../../../../../src/completion/core/postprocess/stopAtLineEnd";
import { stopAtNextLine } from "../../../../../src/completion/core/postprocess/stopAtNextLine";
import { stopAtSemicolon } from "../../../../../src/completion/core/postprocess/stopAtSemicolon";
import { stopAtRepetition } from "../../../../../src/completion/core/postprocess/stopAtRepetition";
import { trimEnd } from "../../../../../src/completion/core/postprocess/trimEnd";
import { trimOverlap } from "../../../../../src/completion/core/postprocess/trimOverlap";
import { cursorIn } from "../support";

/** Each row: what it shows, the document with the cursor at `|`, the model's text, what is left of it. */
type Row = readonly [name: string, document: string, text: string, expected: string];

function table(name: string, filter: Filter, rows: readonly Row[], languageId = "typescript"): void {
  describe(name, () => {
    for (const [what, document, text, expected] of rows) {
      it(what, () => assert.equal(filter(text, insertionContext(cursorIn(document, { languageId }))), expected));
    }
  });
}

table("stopAtNextLine", stopAtNextLine, [
  ["drops a line that is the next one", "  |\n  return a;\n", "return a;", ""],
  ["looks past empty lines", "  |\n\n\n  return a;\n", "return a;", ""],
  ["counts what is typed already", "  ret|\n  return a;\n", "urn a;", ""],
  ["stops a block at the next line", "  |\n}\n", "a();\n  b();\n}", "a();\n  b();"],
  ["leaves the same code at another depth", "  |\n}\n", "if (a) {\n    b();\n  }", "if (a) {\n    b();\n  }"],
  ["leaves all at the end of the file", "  |", "a();\n}", "a();\n}"],
]);

table("stopAtRepetition", stopAtRepetition, [
  ["keeps one of three equal lines", "|", "a();\na();\na();\nb();", "a();"],
  ["counts lines above the cursor", "a();\na();\n|", "a();", ""],
  ["finds loops of two lines", "|", "a();\nb();\na();\nb();\na();\nb();", "a();\nb();"],
  ["keeps one of two equal lines", "|", "a();\na();\nb();", "a();"],
  ["leaves equal lines that are not next to each other", "|", "a();\nb();\na();", "a();\nb();\na();"],
  ["drops a stammer", "const s = |", '"ab ab ab ab ab ab ab', ""],
  ["leaves the lines before a stammer", "|", "a();\nconst s = 0, 1, 0, 1, 0, 1, 0, 1, 0, 1,", "a();"],
  ["leaves rulers", "// |", "----------------------", "----------------------"],
  ["leaves closing brackets at falling depth", "|", "      }\n    }\n  }\n}", "      }\n    }\n  }\n}"],
]);

table("keepBalanced", keepBalanced, [
  ["leaves what is balanced", "|", "f(a, [b], { c });", "f(a, [b], { c });"],
  ["lets a text close what is open", "f(a|", ", b);", ", b);"],
  ["stops before what was never opened", "a|", " + b);", " + b"],
  ["pairs with a bracket that the editor closed", "f(|)", "a, b)", "a, b)"],
  ["goes on after it", "if (|)", "a) return;", "a) return;"],
  ["stops at the second one", "f(|)", "a))", "a)"],
  ["closes two where two are open", "g(f(|)", "a))", "a))"],
  ["stops where brackets cross", "f(|)", "a]", "a"],
  ["stops before the end of a block that is closed further down", "{\n  |\n  b();\n}", "a();\n}", "a();\n"],
  ["ends a block that nothing closes", "function f() {\n  |\n", "a();\n}", "a();\n}"],
  ["goes by indentation", "function f() {\n  if (a) {\n    |\n}\n", "b();\n  }\n}", "b();\n  }\n"],
  ["ignores brackets in strings and comments", "f(')', /* ) */ |)", '"))" /* ] */)', '"))" /* ] */)'],
  ["pairs quotes", 'f("|")', 'a", b)', 'a", b)'],
  ["pairs brackets in template literals", "`a ${|}`", "b}`", "b}`"],
  ["pairs angle brackets of tags", "<a b={c}|></a>", ">d", ">d"],
  ["leaves comparisons", "if (a |)", "> b)", "> b)"],
  ["cuts what stands before an opening brace", "if (|) {\n}", "a) return;", "a)"],
  ["stops before what the line closes further on", "f(g(|), h)", "a))", "a)"],
]);

const semicolons: readonly Row[] = [
  ["stops before one inside of a call that the line closes", "f(|)", "g(a);", "g(a)"],
  ["stops before one after a call inside of it", "f(g(|))", "a);", "a)"],
  ["stops before one with more after it", "f(|)", "a; b", "a"],
  ["leaves one after all that the line closes", "f(g(|))", "a));", "a));"],
  ["leaves one where nothing is closed after it", "f(g(|", "a);", "a);"],
  ["leaves one in a string", "f(|)", '"a;"', '"a;"'],
  ["leaves those of a block in a call", "f({|})", " a(); b(); ", " a(); b(); "],
  ["leaves those of a block that the text opens", "f(|)", "() => { a(); }", "() => { a(); }"],
];

for (const languageId of ["typescript", "javascriptreact", "java", "c", "cpp", "csharp", "go", "rust", "php"]) {
  table(`stopAtSemicolon (${languageId})`, stopAtSemicolon, semicolons, languageId);
}

for (const languageId of ["typescript", "java", "c", "cpp", "csharp", "php"]) {
  table(
    `stopAtSemicolon in the head of a loop (${languageId})`,
    stopAtSemicolon,
    [
      ["leaves all of them", "for (|)", "i = f(0); i < n; i++", "i = f(0); i < n; i++"],
      ["leaves one that follows what is there", "for (i = 0; |)", "i < n;", "i < n;"],
      ["stops in a call inside of it", "for (i = f(|); i < n; i++)", "a; b", "a"],
    ],
    languageId,
  );
}

table("stopAtSemicolon (array)", stopAtSemicolon, [["stops in a list", "const a = [|]", "f(1);", "f(1)"]]);
table("stopAtSemicolon (Rust)", stopAtSemicolon, [["leaves a length", "let a = [|]", "0; 8", "0; 8"]], "rust");
table("stopAtSemicolon (Java)", stopAtSemicolon, [["leaves resources", "try (|)", "a(); b()", "a(); b()"]], "java");
table(
  "stopAtSemicolon (C++)",
  stopAtSemicolon,
  [["leaves a declaration", "if (|)", "auto a = b(); a", "auto a = b(); a"]],
  "cpp",
);
table(
  "stopAtSemicolon (JSX)",
  stopAtSemicolon,
  [["leaves a character", "(<b>|)", "&nbsp;", "&nbsp;"]],
  "javascriptreact",
);
table("stopAtSemicolon (Python)", stopAtSemicolon, [["leaves all", "f(|)", "a;", "a;"]], "python");

table("stopAtLineEnd", stopAtLineEnd, [
  ["leaves lines on an empty rest", "{|\n", "\n  a();\n}", "\n  a();\n}"],
  ["leaves lines that write the rest themselves", "f(|);", "() => {\n  a();\n})", "() => {\n  a();\n})"],
  ["cuts where a bracket would be left over", "f(|)", "a,\n  b", "a,"],
  ["cuts in the middle of a line", "a = | + b", "c +\n  d", "c +"],
]);

table("trimOverlap", trimOverlap, [
  ["takes away a semicolon that is there", "a = |;", "f();", "f()"],
  ["leaves a bracket of another pair", "g(|)", "f(a)", "f(a)"],
  ["takes away the longest overlap inside a line", "f(|bar, baz)", "foo, bar, baz", "foo, "],
  ["leaves single brackets inside a line", "f(|), a", "g(b)", "g(b)"],
  ["leaves what does not overlap", "a = |;", "b", "b"],
]);

table("trimEnd", trimEnd, [
  ["trims", "|", "a  \n\n  ", "a"],
  ["drops whitespace", "|", " \n ", ""],
]);
