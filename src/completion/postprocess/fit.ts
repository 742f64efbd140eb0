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

/**
 * Pairs what a text closes with what the rest of the line closes: before `)`, the `)` of `a, b)` is the one that is there, that of
 * `f(a)` is its own. A closer beyond those is right only where a bracket is open that nothing behind the cursor closes.
 */
export function fit(text: string, place: Place): Fit {
  const { cursor, nesting, unclosed } = place;
  const rest = isClosing(cursor.lineRest) ? cursor.lineRest : "";
  const closers = closersOf(text, rest, place);
  const covering: Covering[] = [];
  let restIndex = 0;
  let closable = 0;
  let end = text.length;
  for (const closer of closers) {
    const next = skipSpace(rest, restIndex);
    if (rest.startsWith(closer.character, next)) {
      covering.push({ closer, from: restIndex });
      restIndex = next + closer.character.length;
    } else if (closer.character !== nesting.quote || covering.length > 0) {
      const pending = /[)\]}>"'`]/.test(rest.slice(restIndex));
      if (!pending && unclosed[closable] === closer.character) {
        closable++;
      } else {
        end = closer.index;
        break;
      }
    }
  }
  return settle(text.slice(0, end), rest, restIndex, covering, place);
}

/** A closer of the text that stands for one in the line's rest, which begins behind `from`. */
interface Covering {
  readonly closer: Closer;
  readonly from: number;
}

function settle(text: string, rest: string, restIndex: number, covering: readonly Covering[], place: Place): Fit {
  const needed = openedBy(text, place);
  const again = covering.slice(covering.length - needed.length);
  // `a)(b` before `)` opens again what it closed: all of it goes before the bracket that is there.
  if (needed.length > 0 && again.map(({ closer }) => closer.character).join() === needed.join()) {
    return { text, covered: again[0]?.from ?? 0 };
  }
  const last = covering.at(-1)?.closer;
  const behind = last ? text.slice(last.index + last.character.length) : "";
  const tail = rest.slice(restIndex).trim();
  let covered = restIndex;
  if (last && tail.length === 1 && behind.trimStart().startsWith(tail)) {
    covered = rest.indexOf(tail, restIndex) + 1;
  } else if (last && (tail === "{" || tail === ":") && behind.trim() !== "") {
    text = text.slice(0, last.index + last.character.length);
  }
  if (isSubsequence(rest.slice(0, covered), text)) return { text, covered };
  return { text: text.slice(0, covering[0]?.closer.index), covered: 0 };
}

/** What would close that which the text leaves open, the innermost first. */
function openedBy(text: string, { cursor, nesting }: Place): readonly string[] {
  const { end, kept } = scanBrackets(text, cursor.languageId, nesting);
  const brackets = end.openers.slice(kept).map(closing).reverse();
  const quoted = end.quote !== "" && end.quote !== "\n" && end.quote !== "*/";
  return quoted ? [end.quote, ...brackets] : brackets;
}

function closersOf(text: string, rest: string, { cursor, nesting }: Place): readonly Closer[] {
  const { closers } = scanBrackets(text, cursor.languageId, nesting);
  if (!rest.includes(">")) return closers;
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

function skipSpace(text: string, index: number): number {
  while (text[index] === " " || text[index] === "\t") index++;
  return index;
}

/** Whether `part` is what is left of `whole` when characters are taken out of it. */
export function isSubsequence(part: string, whole: string): boolean {
  let index = 0;
  for (const character of whole) if (character === part[index]) index++;
  return index >= part.length;
}
