import type { Random } from "../../src/generation/sampling/random";

/** What is cut out of a text: from the cursor to where the text behind it begins. */
export interface Middle {
  readonly start: number;
  readonly end: number;
}

/** Signs that an editor has written behind the cursor by itself: brackets and quotes that it closes, what ends a statement. */
const closers = /[)\]}'"`]+[;,]?$/;
const mostLines = 6;
const longestBlock = 14;
const longestPiece = 200;

/**
 * Cuts a middle as a person leaves it, at the level of characters: mostly the rest of a line (with or without the brackets that the
 * editor has closed already), else some lines, a block, or a piece of whatever length.
 * @returns undefined when there is nothing at the place that was drawn; another draw may find something.
 */
export function drawMiddle(text: string, random: Random): Middle | undefined {
  const start = below(text.length, random);
  const kind = random();
  const end = endOf(kind, text, start, random);
  return end !== undefined && end > start ? { start, end } : undefined;
}

function endOf(kind: number, text: string, start: number, random: Random): number | undefined {
  const lineEnd = endOfLine(text, start);
  if (kind < 0.35) return lineEnd;
  if (kind < 0.5) return lineEnd - (closers.exec(text.slice(start, lineEnd))?.[0].length ?? 0);
  if (kind < 0.6) return start + 1 + below(lineEnd - start, random);
  if (kind < 0.8) return endOfLines(text, start, 2 + below(mostLines - 1, random));
  if (kind < 0.95) return endOfBlock(text, start);
  return Math.min(text.length, start + 1 + below(longestPiece, random));
}

function endOfLines(text: string, start: number, count: number): number {
  let end = start - 1;
  for (let i = 0; i < count && end < text.length; i++) end = endOfLine(text, end + 1);
  return end;
}

/** Where the block ends that the line opens: at its last line that is indented further than the line, or at the line that closes it. */
function endOfBlock(text: string, start: number): number | undefined {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const first = endOfLine(text, start);
  if (!/[{([:>]$/.test(text.slice(lineStart, first))) return undefined;
  const opening = indentation(text, lineStart);
  let end = first;
  for (let count = 0; count < longestBlock && end < text.length; count++) {
    const next = end + 1;
    const nextEnd = endOfLine(text, next);
    const isBlank = text.slice(next, nextEnd).trim() === "";
    if (!isBlank && indentation(text, next) <= opening) {
      return /^\s*[)\]}]/.test(text.slice(next, nextEnd)) ? nextEnd : end;
    }
    if (!isBlank || count > 0) end = nextEnd;
    else return undefined;
  }
  return end;
}

function indentation(text: string, lineStart: number): number {
  return /^[ \t]*/.exec(text.slice(lineStart, lineStart + 200))?.[0].length ?? 0;
}

function endOfLine(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end;
}

/** A whole number from 0 up to and not including `limit`. */
export function below(limit: number, random: Random): number {
  return Math.floor(random() * limit);
}
