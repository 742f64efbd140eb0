import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { allAfter, allBefore, cursorBetween, type Cursor } from "../../../../../src/completion/core/cursor";
import { isProse } from "../../../../../src/completion/core/languages";
import { scanBrackets } from "../../../../../src/completion/core/nesting";
import { isSubsequence } from "../../../../../src/completion/core/postprocess/fit";
import { postprocess, type Suggestion } from "../../../../../src/completion/core/postprocess/index";
import { modelText } from "../../../../../src/completion/core/postprocess/modelText";
import { seededRandom, type Random } from "../../../../../src/generation/sampling/random";
import { acceptPart, type Unit } from "./acceptance";

const languages = ["typescript", "typescriptreact", "python", "go", "java", "ruby", "html", "markdown", "shellscript"];
const units: readonly Unit[] = ["whole", "word", "line"];

/** What random documents and texts are put together from. */
const pieces = [
  ...["(", ")", "[", "]", "{", "}", "<", ">", '"', "'", "`", '"""', "${", "#{", "// ", "# ", "/* a */"],
  ...[
    "\n",
    "\n  ",
    "\n    ",
    "\n\t",
    "  ",
    " ",
    ";",
    ",",
    ":",
    "=>",
    " = ",
    ".",
    "<b>",
    "</b>",
    "a",
    "total",
    "if ",
    "é",
  ],
  ...["e\u0301", "😀", "你好", "שלום", "\r\n", "\ufffd", "return ", "don't", 'f"{a}"', "f(a)", "() => {", "'x'"],
  ...["\n```ts\n", "\n```\n", "<!-- ", " -->", ". It ", "- "],
];

function oneOf<T>(random: Random, values: readonly [T, ...T[]] | readonly T[]): T {
  return values[Math.floor(random() * values.length)] as T;
}

function soup(random: Random, longest: number): string {
  return Array.from({ length: Math.floor(random() * longest) }, () => oneOf(random, pieces)).join("");
}

const closers = ["", "", "", ")", '"', '")', ");", "}`)", '}")', "]", "})", ") {", "></b>", "</b>", " // c", " + b"];

/** A cursor in a random document; what follows in its line is mostly what an editor closes. */
function randomCursor(random: Random): Cursor {
  const after = oneOf(random, closers) + (random() < 0.5 ? "" : `\n${soup(random, 12)}`);
  return cursorBetween(soup(random, 20).replaceAll("\r", ""), after.replaceAll("\r", ""), {
    document: "file:///a",
    path: "a",
    languageId: oneOf(random, languages),
    indentation: { insertSpaces: random() < 0.5, tabSize: 2 },
  });
}

/** A cursor in real code from which something whole was deleted, and how the code goes on, often with an error. */
function realCursor(random: Random, { text, languageId }: Code): { cursor: Cursor; model: string } {
  // Not inside a delimiter such as `*/`.
  const offset = oneOf(random, [...text.matchAll(/(?<=[\w\s([{,])/g)]).index;
  const { end: nesting } = scanBrackets(text.slice(0, offset), languageId);
  const isWhole = (end: number) => {
    const { closers, unclosed } = scanBrackets(text.slice(offset, end), languageId, nesting);
    return closers.length + unclosed.length === 0;
  };
  const ends = Array.from({ length: 120 }, (_, length) => offset + length).filter(isWhole);
  const cursor = cursorBetween(text.slice(0, offset), text.slice(oneOf(random, ends)), {
    document: "file:///a",
    path: "a",
    languageId,
    indentation: { insertSpaces: true, tabSize: 4 },
  });
  const model = text.slice(offset, offset + Math.floor(random() * 200));
  const error = Math.floor(random() * model.length);
  const isWrong = random() < 0.5;
  return { cursor, model: isWrong ? model.slice(0, error) + oneOf(random, pieces) + model.slice(error + 1) : model };
}

interface Code {
  readonly text: string;
  readonly languageId: string;
}

const code: readonly Code[] = [
  ["completer.ts.txt", "typescript"],
  ["panel.tsx.txt", "typescriptreact"],
  ["inventory.py.txt", "python"],
].map(([file = "", languageId = ""]) => ({
  text: readFileSync(path.resolve("test/fixtures/typing", file), "utf8"),
  languageId,
}));

/** How many closers of a text have no opener. */
const unmatched = (text: string, languageId: string) => scanBrackets(text, languageId).closers.length;

/** Whether a text ends in a string, which hides the closers after it. */
const endsInString = (text: string, languageId: string) =>
  !["", "\n"].includes(scanBrackets(text, languageId).end.quote);

/** What holds of every suggestion at every cursor. */
function check(cursor: Cursor, suggestion: Suggestion): void {
  const { text, replaces, closers } = suggestion;
  const where = `\n${JSON.stringify(suggestion)} in ${cursor.languageId}\n${cursor.before.slice(-300)}¦${cursor.after.slice(0, 200)}`;
  const replaced = cursor.lineRest.slice(0, replaces);
  assert.ok(replaces <= cursor.lineRest.length, `replaces more than the line ${where}`);
  assert.ok(isSubsequence(replaced, text), `loses what follows the cursor ${where}`);
  assert.notEqual(text.trim(), "", `is blank ${where}`);
  assert.doesNotMatch(text, /[\ufffd\r]/, `has a character that no text has ${where}`);
  if (text.includes("\n")) assert.equal(replaces, cursor.lineRest.length, `does not reach the line's end ${where}`);

  const document = cursor.before + cursor.after;
  const inserted = text + closers;
  const accepted = cursor.before + inserted + cursor.after.slice(replaces);
  const { languageId } = cursor;
  // In prose, brackets have no partners, except for those that the editor has closed.
  const hasPairs = !isProse(languageId) || cursor.lineRest.trim() !== "";
  if (hasPairs && !endsInString(cursor.before + cursor.lineRest, languageId)) {
    assert.ok(unmatched(accepted, languageId) <= unmatched(document, languageId), `closes something twice ${where}`);
  }
  // The inverse of the one edit, which is what undo applies.
  const start = cursor.before.length;
  assert.equal(
    accepted.slice(0, start) + replaced + accepted.slice(start + inserted.length),
    document,
    `undo ${where}`,
  );
}

/** Accepts suggestions part by part until there are none. @returns the last cursor */
function acceptAll(start: Cursor, model: string, unit: Unit): Cursor {
  let cursor = start;
  let left = model;
  for (let steps = 0; steps < 500; steps++) {
    const suggestion = postprocess(left, cursor);
    if (!suggestion) return cursor;
    check(cursor, suggestion);
    const accepted = acceptPart(cursor, suggestion, unit);
    assert.ok(
      isSubsequence(
        allAfter(cursor),
        allBefore(accepted.cursor).slice(allBefore(cursor).length) + allAfter(accepted.cursor),
      ),
      `accepting a ${unit} loses what follows the cursor`,
    );
    left = left.slice(accepted.length);
    cursor = accepted.cursor;
  }
  throw new Error("Accepting goes on for ever.");
}

describe("post-processing, whatever the document and the model's text", () => {
  const finishes = ["stop", "length"] as const;

  it("random texts: loses nothing, closes nothing twice, and one undo restores", () => {
    const random = seededRandom(10);
    let suggested = 0;
    for (let round = 0; round < 10_000; round++) {
      const cursor = randomCursor(random);
      const model = modelText({ text: soup(random, 16), finish: oneOf(random, finishes) }, cursor);
      for (const unit of units) acceptAll(cursor, model, unit);
      if (postprocess(model, cursor)) suggested++;
    }
    assert.ok(suggested > 3_000, `${suggested} suggestions`);
  }).timeout(60_000);

  it("real code with errors: loses nothing, closes nothing twice, and one undo restores", () => {
    const random = seededRandom(11);
    let suggested = 0;
    for (let round = 0; round < 1_000; round++) {
      const { cursor, model: raw } = realCursor(random, oneOf(random, code));
      const model = modelText({ text: raw, finish: oneOf(random, finishes) }, cursor);
      for (const unit of units) acceptAll(cursor, model, unit);
      if (postprocess(model, cursor)) suggested++;
    }
    assert.ok(suggested > 500, `${suggested} suggestions`);
  }).timeout(60_000);

  it("real code with errors: while a suggestion is typed along, what is left of it stays", () => {
    const random = seededRandom(12);
    let typedAlong = 0;
    for (let round = 0; round < 1_000; round++) {
      const { cursor, model: raw } = realCursor(random, oneOf(random, code));
      const model = modelText({ text: raw, finish: oneOf(random, finishes) }, cursor);
      const suggestion = postprocess(model, cursor);
      if (!suggestion || suggestion.replaces > 0 || !model.startsWith(suggestion.text)) continue;
      const { text } = suggestion;
      // From a bracket, quote or comment on, what follows has other rules, and the editor may close it.
      const end = text.search(/[([{<"'`/#\n]|$/);
      for (let length = 1; length < end; length++) {
        const typed = text.slice(0, length);
        const along = cursorBetween(cursor.before + typed, cursor.after, cursor);
        const left = postprocess(model.slice(length), along, typed);
        if (text.slice(length).trim() !== "") assert.equal(left?.text, text.slice(length), `${text} after ${typed}`);
        typedAlong++;
      }
    }
    assert.ok(typedAlong > 1_000, `${typedAlong} characters`);
  }).timeout(60_000);
});
