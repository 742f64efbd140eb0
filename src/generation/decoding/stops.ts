import type { StopRule } from "../request";

/** Decides from a text and its tokens how much of the text to keep, in UTF-16 units; undefined while the text goes on. */
export type StopCondition = (text: string, tokens: readonly number[]) => number | undefined;

/** The document around the text that is being generated. */
export interface Surroundings {
  readonly prefix: string;
  readonly suffix: string;
}

/** Stops a completion by its stop rule, or when it repeats itself. */
export function stopCondition(rule: StopRule, around: Surroundings): StopCondition {
  return (text, tokens) => stopAt(rule, text, around) ?? (isRepeating(tokens) ? text.length : undefined);
}

/**
 * Where a text is done by its stop rule: the length of what to keep, or undefined while it goes on. The whole text is checked each time
 * it grows by a token, so a stop is found at the first token that shows it.
 */
export function stopAt(rule: StopRule, text: string, around: Surroundings): number | undefined {
  switch (rule) {
    case "line":
      return endOfFirstVisibleLine(text);
    case "block":
      return endOfBlock(text, around);
    case "none":
      return undefined;
  }
}

function endOfFirstVisibleLine(text: string): number | undefined {
  const visible = text.search(/\S/);
  const end = visible < 0 ? -1 : text.indexOf("\n", visible);
  return end < 0 ? undefined : lineEnd(text, end);
}

/**
 * The end of the block around the cursor, or of the one that its line opens:
 * - before a line that is indented less than the cursor's line;
 * - when lines were deeper than the cursor's line: before the line that comes back to its indentation, or after it when it begins
 *   with the bracket that closes the block, unless it opens the next one, as `} else {` does;
 * - before a blank line, once there is something visible;
 * - before a line that equals the next line in the file, indentation included: the same bracket further in closes another block.
 *
 * The lines of a triple-quoted string end nothing.
 */
function endOfBlock(text: string, { prefix, suffix }: Surroundings): number | undefined {
  const beforeCursor = prefix.slice(prefix.lastIndexOf("\n") + 1);
  const [first = "", ...rest] = text.split("\n");
  const base = indentation(beforeCursor + first);
  const nextLine = firstVisibleLine(suffix);
  let visible = (beforeCursor + first).trim() !== "";
  let minimum = visible ? base : undefined;
  let deeper = false;
  let start = first.length + 1;
  for (const [index, line] of rest.entries()) {
    const complete = index < rest.length - 1;
    const keepBefore = lineEnd(text, start - 1);
    const inString = isInsideTripleQuotes(prefix, text.slice(0, start));
    if (!inString && line.trim() === "") {
      if (complete && visible && text.slice(0, start).trim() !== "") return keepBefore;
    } else if (!inString) {
      const indent = indentation(line);
      // If the cursor is on an empty line, the first visible line determines the indentation.
      minimum ??= indent;
      if (indent < minimum) return keepBefore;
      if (complete && line.trimEnd() === nextLine) return keepBefore;
      if (deeper && indent === minimum) {
        if (!/^\s*[)\]}]/.test(line)) return keepBefore;
        if (complete && !/[([{]\s*$/.test(line)) return lineEnd(text, start + line.length);
      }
      deeper ||= indent > minimum;
      visible = true;
    }
    start += line.length + 1;
  }
  return undefined;
}

/** The index of a line's end: before its carriage return, if it has one. */
function lineEnd(text: string, newline: number): number {
  return text[newline - 1] === "\r" ? newline - 1 : newline;
}

/** Columns of white space at the start of a line; a tab goes to the next multiple of four. */
function indentation(line: string): number {
  let columns = 0;
  for (const character of line) {
    if (character === " ") columns++;
    else if (character === "\t") columns += 4 - (columns % 4);
    else break;
  }
  return columns;
}

function isInsideTripleQuotes(prefix: string, text: string): boolean {
  const quote = /"""|'''/.exec(text)?.[0];
  return quote !== undefined && (prefix + text).split(quote).length % 2 === 0;
}

function firstVisibleLine(text: string): string | undefined {
  // What follows the cursor in its own line is the rest of that line, not the next one.
  const lines = text.split("\n", 20).slice(1);
  return lines.find((line) => line.trim() !== "")?.trimEnd();
}

/** A text is degenerate when its last `length` tokens repeat with a period of at most `period` tokens. */
const degenerate = [
  { length: 10, period: 1 },
  { length: 30, period: 10 },
  { length: 45, period: 20 },
  { length: 60, period: 30 },
] as const;

/** Whether a text repeats itself, as greedy decoding of a small model tends to. A longer period needs more tokens as proof. */
export function isRepeating(tokens: readonly number[]): boolean {
  return degenerate.some(({ length, period }) => tokens.length >= length && smallestPeriod(tokens, length) <= period);
}

/** The smallest p for which the last `length` tokens equal those p before them (within these last tokens). */
function smallestPeriod(tokens: readonly number[], length: number): number {
  const first = tokens.length - length;
  for (let period = 1; period < length; period++) {
    let index = first + period;
    while (index < tokens.length && tokens[index] === tokens[index - period]) index++;
    if (index === tokens.length) return period;
  }
  return length;
}
