import { isClosing, type Cursor } from "../cursor";
import { closing, scanBrackets, type Nesting, type Opener } from "../nesting";

/** Characters before the cursor in which open brackets are looked for. */
const scanned = 16_384;

/** Where a text would go. */
export interface Place {
  readonly cursor: Cursor;
  /** What is open at the cursor. */
  readonly nesting: Nesting;
  /** What closes the brackets that are open at the cursor and that nothing behind it closes, the innermost first. */
  readonly unclosed: readonly string[];
}

/** A step of post-processing: what is left of a text. An empty one is not shown. */
export type Filter = (text: string, place: Place) => string;

/** Looks at the brackets around a cursor. */
export function placeAt(cursor: Cursor): Place {
  const nesting = nestingBefore(cursor);
  return { cursor, nesting, unclosed: unclosedAt(cursor, nesting) };
}

function nestingBefore({ before, lineRest, languageId }: Cursor): Nesting {
  const cut = before.length > scanned ? before.indexOf("\n", before.length - scanned) + 1 : 0;
  const { end } = scanBrackets(before.slice(cut), languageId);
  // An editor puts a quote behind the cursor when one is typed before it: whatever the scan thinks, this is inside a string.
  const quote = isClosing(lineRest) ? /^\s*("""|'''|["'`])/.exec(lineRest)?.[1] : undefined;
  return quote !== undefined && end.quote === "" ? { ...end, quote } : end;
}

function unclosedAt(cursor: Cursor, nesting: Nesting): readonly string[] {
  const closingRest = isClosing(cursor.lineRest);
  const openers = [...nesting.openers];
  for (const character of closingRest ? cursor.lineRest : "") {
    if (closing(openers.at(-1)) === character) openers.pop();
  }
  const start = { openers: [], quote: closingRest && nesting.quote.length === 1 ? "" : nesting.quote };
  const { closers } = scanBrackets(closingRest ? cursor.below : cursor.after, cursor.languageId, start);
  const next = closers.find(({ character }) => ")]}".includes(character));
  const matches = (opener: Opener) => closing(opener) === next?.character;
  const aligned = openers.findLastIndex((opener) => matches(opener) && opener.indent === next?.indent);
  const closed = aligned >= 0 ? aligned : openers.findLastIndex(matches);
  return openers
    .slice(closed + 1)
    .map(closing)
    .reverse();
}
