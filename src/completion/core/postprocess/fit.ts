import { isClosing } from "../cursor";
import { closing, scanBrackets, type Closer } from "../nesting";
import type { Place } from "./place";

/** How a text fits between what is before the cursor and what the editor or a person has already closed behind it. */
export interface Fit {
  /** The text up to where it would close something twice. */
  readonly text: string;
  /** How many characters of the line's rest the text writes itself: they are replaced, so that they do not stand there twice. */
  readonly covered: number;
}

/** A closer of the text that stands for the one that ends at `to` in the line's rest. */
interface Covering extends Closer {
  readonly to: number;
}

/**
 * Pairs what a text closes with what is open at the cursor: before `)`, the `)` of `a, b)` is the one that is there, that of `f(a)` is
 * its own. Closing more than that is right only for a bracket that nothing behind the cursor closes.
 */
export function fit(text: string, place: Place): Fit {
  const covering: Covering[] = [];
  let end = text.length;
  for (const [index, closer] of closersOf(text, place).entries()) {
    const pending = place.pending[index];
    if (pending?.character !== closer.character || pending.closed === "below") {
      end = closer.index;
      break;
    }
    if (pending.closed !== "nowhere") covering.push({ ...closer, to: pending.closed.to });
  }
  return settle(text.slice(0, end), covering, place);
}

function settle(text: string, covering: readonly Covering[], place: Place): Fit {
  const rest = place.cursor.lineRest;
  const opened = openedBy(text, place);
  const again = covering.slice(covering.length - opened.length).map(({ character }) => character);
  // `a)(b` before `)` opens again what it closed: all of it goes before the bracket that is there.
  const used = again.length > 0 && again.join() === opened.join() ? covering.slice(0, -again.length) : covering;
  const last = used.at(-1);
  if (!last) return { text, covered: 0 };
  const end = last.index + last.character.length;
  const tail = rest.slice(last.to).trim();
  let covered = last.to;
  if (tail.length === 1 && text.slice(end).trimStart().startsWith(tail)) {
    covered = rest.indexOf(tail, covered) + 1;
  } else if (tail === "{" || tail === ":") {
    text = text.slice(0, end);
  }
  if (isSubsequence(rest.slice(0, covered), text)) return { text, covered };
  return { text: text.slice(0, used[0]?.index), covered: 0 };
}

/** What would close that which the text leaves open, the innermost first. */
function openedBy(text: string, { cursor, nesting }: Place): readonly string[] {
  const { end, kept } = scanBrackets(text, cursor.languageId, nesting);
  const brackets = end.openers.slice(kept).map(closing).reverse();
  return /^["'`]/.test(end.quote) ? [end.quote, ...brackets] : brackets;
}

function closersOf(text: string, { cursor, nesting }: Place): readonly Closer[] {
  const { closers } = scanBrackets(text, cursor.languageId, nesting);
  if (!cursor.lineRest.includes(">") || !isClosing(cursor.lineRest)) return closers;
  return [...closers, ...angleClosers(text)].sort((a, b) => a.index - b.index);
}

/** Closing angle brackets. They are looked at only where the editor has put one behind the cursor: elsewhere they compare. */
function angleClosers(text: string): Closer[] {
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

/** Whether `part` is what is left of `whole` when characters are taken out of it. */
export function isSubsequence(part: string, whole: string): boolean {
  let index = 0;
  for (const character of whole) if (character === part[index]) index++;
  return index >= part.length;
}
