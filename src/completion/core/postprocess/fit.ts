import { isClosing } from "../cursor";
import { isProse } from "../languages";
import { scanBrackets, type Closer, type Unclosed } from "../nesting";
import type { InsertionContext } from "./insertionContext";

/** How a text fits between what is before the cursor and what the editor or a person has already closed after it. */
export interface Fit {
  /** The text up to where it would close something twice. */
  readonly text: string;
  /** How many characters of the line's rest the text contains itself: they are replaced, so that they are not there twice. */
  readonly covered: number;
  /** What the text opens and neither it nor the line's rest closes, the outermost first. */
  readonly unclosed: readonly Unclosed[];
}

/** A closer of the text that stands for the one that ends at `to` in the line's rest. */
interface Covering extends Closer {
  readonly to: number;
}

/**
 * Pairs what a text closes with what is open at the cursor: before `)`, the `)` of `a, b)` is the one that is there, that of `f(a)` is
 * its own. Closing more than that is right only for a bracket that nothing after the cursor closes.
 */
export function fit(text: string, context: InsertionContext): Fit {
  const { languageId, lineRest } = context.cursor;
  // Sentences have brackets without a partner, as in `a) and b)`; what counts is what the editor has closed.
  if (isProse(languageId) && lineRest.trim() === "") return { text, covered: 0, unclosed: [] };
  const covering: Covering[] = [];
  let end = text.length;
  let next = 0;
  for (const closer of closersOf(text, context)) {
    const pending = context.pending[next];
    // Before a bracket has been closed, an angle bracket in its code compares.
    if (closer.character === ">" && /^[)\]}"'`]/.test(pending?.character ?? "")) continue;
    if (pending?.character !== closer.character || pending.closed === "below") {
      end = closer.index;
      break;
    }
    if (pending.closed !== "nowhere") covering.push({ ...closer, to: pending.closed.to });
    next++;
  }
  return cover(text.slice(0, end), covering, context);
}

/** Decides how much of the line's rest a text replaces. */
function cover(text: string, covering: readonly Covering[], { cursor, nesting }: InsertionContext): Fit {
  const rest = cursor.lineRest;
  const opened = scanBrackets(text, cursor.languageId, nesting).unclosed;
  const again = isReopening(covering, opened);
  const used = again ? covering.slice(0, covering.length - opened.length) : covering;
  const { kept, covered } = replaced(text, used, rest);
  // A comment at the end of a line is complete, unless it would take in what follows.
  const isComplete = ({ closer }: Unclosed) => closer === "\n" && rest.slice(covered).trim() === "";
  return { text: kept, covered, unclosed: again ? [] : opened.filter((unclosed) => !isComplete(unclosed)) };
}

function replaced(text: string, used: readonly Covering[], rest: string): { kept: string; covered: number } {
  const last = used.at(-1);
  if (!last) return { kept: text, covered: 0 };
  const end = last.index + last.character.length;
  const tail = rest.slice(last.to).trim();
  const hasTail = tail.length === 1 && containsTail(text.slice(end).trim(), tail);
  const covered = hasTail ? rest.indexOf(tail, last.to) + 1 : last.to;
  const kept = !hasTail && (tail === "{" || tail === ":") ? text.slice(0, end) : text;
  if (isSubsequence(rest.slice(0, covered), kept)) return { kept, covered };
  return { kept: kept.slice(0, used[0]?.index), covered: 0 };
}

/** Whether what follows a text's closers contains the `;`, `,`, `:` or `{` that the line's rest ends in. */
function containsTail(text: string, tail: string): boolean {
  return text.endsWith(tail) || (tail !== "{" && text.startsWith(tail));
}

/** Whether a text opens again what it closed, as `a)(b` before `)`: all of it goes before the bracket that is there. */
function isReopening(covering: readonly Closer[], opened: readonly Unclosed[]): boolean {
  if (opened.length > covering.length) return false;
  const last = covering.slice(covering.length - opened.length);
  return last.every(({ character }, index) => character === opened.at(-1 - index)?.closer);
}

function closersOf(text: string, { cursor, nesting }: InsertionContext): readonly Closer[] {
  const { closers } = scanBrackets(text, cursor.languageId, nesting);
  const { lineRest } = cursor;
  if (!lineRest.includes(">") || !isClosing(lineRest)) return closers;
  const tags = lineRest.includes("</") ? tagClosers(text) : [];
  return [...closers, ...angleClosers(text), ...tags].sort((a, b) => a.index - b.index);
}

/** Closing angle brackets. They are looked at only where the editor has put one after the cursor: elsewhere they compare. */
function angleClosers(text: string): readonly Closer[] {
  const closers: Closer[] = [];
  let open = 0;
  for (const { 0: found, index } of text.matchAll(/[=-]>|<(?=[\w/>])|>/g)) {
    if (found === "<") open++;
    else if (found === ">" && --open < 0) {
      closers.push({ character: ">", index, indent: undefined });
      open = 0;
    }
  }
  return closers;
}

/** Closing tags whose opening tag is not in the text. */
function tagClosers(text: string): readonly Closer[] {
  const closers: Closer[] = [];
  const open: string[] = [];
  for (const { 0: tag, 1: slash, 2: name = "", index } of text.matchAll(/<(\/?)([\w.:-]*)(?:[^<>]*[^<>/=-])?>/g)) {
    if (slash !== "/") open.push(name);
    else if (open.at(-1) === name) open.pop();
    else closers.push({ character: tag, index, indent: undefined });
  }
  return closers;
}

/** Whether `part` is what is left of `whole` when characters are taken out of it. */
export function isSubsequence(part: string, whole: string): boolean {
  let matched = 0;
  for (let index = 0; index < whole.length && matched < part.length; index++) {
    if (whole[index] === part[matched]) matched++;
  }
  return matched === part.length;
}
