import { allBefore, type Cursor } from "../cursor";
import { isProse } from "../languages";
import { isComment } from "../nesting";
import type { Filter } from "./insertionContext";

/** Lines that a repeated block may have, blank ones not counted. */
const longestBlock = 30;
/** Characters that a stammer within a line may repeat, and how often it does. */
const longestStammer = 20;
const stammerCopies = 4;

/** Characters before the cursor that may hold the first copy of a phrase. */
const longestPhrase = 100;
/** Three words or more twice in a row, or one three times. */
const repeatedPhrase = /(?<!\p{L})(?:(\p{L}+(?: \p{L}+){2,9}) \1|(\p{L}+)(?: \2){2})(?!\p{L})/u;

/**
 * Stops before lines that only repeat those before them, in the text or above the cursor, before a line whose end repeats a few characters
 * over and over, and, in sentences, before one that says a phrase twice in a row.
 */
export const stopAtRepetition: Filter = (text, { cursor, nesting }) => {
  const lines = (cursor.linePrefix + text).split("\n");
  const isSentence = isProse(cursor.languageId) || isComment(nesting.quote);
  const end = Math.min(
    repeatedBlock(lines, cursor),
    secondDeclaration(lines, cursor),
    stammer(text.split("\n")),
    isSentence ? secondPhrase(cursor.linePrefix.slice(-longestPhrase), text) : Infinity,
  );
  if (end >= lines.length) return text;
  return lines.slice(0, end).join("\n").slice(cursor.linePrefix.length);
};

/** A line that is not blank. */
interface Visible {
  readonly line: string;
  /** Its index in the text; negative above the cursor. */
  readonly index: number;
  readonly hasLetters: boolean;
}

/**
 * The first line of a second copy of what is directly before it. A block of the same lines is written twice in a row by accident only;
 * brackets alone say nothing.
 */
function repeatedBlock(lines: readonly string[], { before }: Cursor): number {
  const above = visibleLines(
    before
      .slice(-longestBlock * 200)
      .split("\n")
      .slice(0, -1),
    -1,
  ).slice(-2 * longestBlock);
  const all = [...above, ...visibleLines(lines, 0)];
  for (let end = above.length + 1; end <= all.length; end++) {
    for (let size = 1; size <= longestBlock && 2 * size <= end; size++) {
      if (isSecondCopy(all.slice(end - 2 * size, end))) return Math.max(0, all[end - size]?.index ?? 0);
    }
    if (isThirdCopyBegun(all, above.length, end)) return 0;
  }
  return lines.length;
}

function visibleLines(lines: readonly string[], step: number): readonly Visible[] {
  return lines
    .map((line, index) => ({
      line: line.trimEnd(),
      index: step < 0 ? index - lines.length : index,
      hasLetters: /\p{L}/u.test(line),
    }))
    .filter(({ line }) => line !== "");
}

function isSecondCopy(lines: readonly Visible[]): boolean {
  const size = lines.length / 2;
  const isSame = lines.slice(size).every(({ line }, index) => line === lines[index]?.line);
  return isSame && lines.slice(size).some(({ hasLetters }) => hasLetters);
}

/** Whether the text's lines up to `end` begin a block that stands above the cursor twice already. */
function isThirdCopyBegun(all: readonly Visible[], from: number, end: number): boolean {
  for (let size = end - from + 1; size <= longestBlock && 2 * size <= from; size++) {
    const isBegun = all.slice(from, end).every(({ line }, index) => line === all[from - size + index]?.line);
    if (isBegun && isSecondCopy(all.slice(from - 2 * size, from))) return true;
  }
  return false;
}

const declaration =
  /^(?:(?:export|default|public|async|abstract|declare|pub|static)\s+)*(?:class|const|def|enum|fn|func|function|impl|import|interface|let|module|struct|trait|type|var)\s+\S|^(?:from\s+\S+\s+import|#include|#define|use|using|require)\b/;

/** The first line that declares at the top level of the file what the same line above it declares already. */
function secondDeclaration(lines: readonly string[], cursor: Cursor): number {
  if (isProse(cursor.languageId)) return lines.length;
  const before = allBefore(cursor);
  const above = before.slice(0, before.length - cursor.linePrefix.length);
  const end = lines.findIndex((line) => declaration.test(line) && `\n${above}`.includes(`\n${line.trimEnd()}\n`));
  return end < 0 ? lines.length : end;
}

/** The first line whose end is four or more copies of a few characters, rulers such as `// -----` excepted. */
function stammer(textLines: readonly string[]): number {
  const index = textLines.findIndex((line) => {
    for (let length = 2; length <= longestStammer; length++) {
      const unit = line.slice(-length);
      if (/[\p{L}\p{N}]/u.test(unit) && line.endsWith(unit.repeat(stammerCopies))) return true;
    }
    return false;
  });
  return index < 0 ? Infinity : index;
}

/** The first line of a text that says a phrase twice. What a person repeated before the cursor is theirs. @param prefix what its first line follows */
function secondPhrase(prefix: string, text: string): number {
  const index = (repeatedPhrase.test(prefix) ? text : prefix + text)
    .split("\n")
    .findIndex((line) => repeatedPhrase.test(line));
  return index < 0 ? Infinity : index;
}
