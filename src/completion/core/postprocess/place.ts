import { isClosing, type Cursor } from "../cursor";
import { closing, scanBrackets, type Nesting } from "../nesting";

/** Characters before the cursor in which open brackets are looked for. */
const scanned = 16_384;

/** Something that is open at the cursor. */
export interface Pending {
  /** The bracket or quote that closes it. */
  readonly character: string;
  /**
   * Where that is: at this range of the line's rest; further down in the document; or nowhere yet, so that a text may close it.
   */
  readonly closed: { readonly from: number; readonly to: number } | "below" | "nowhere";
}

/** Where a text would go. */
export interface Place {
  readonly cursor: Cursor;
  readonly nesting: Nesting;
  /** What is open at the cursor, the innermost first. */
  readonly pending: readonly Pending[];
}

/** A step of post-processing: what is left of a text. An empty one is not shown. */
export type Filter = (text: string, place: Place) => string;

/** Looks at the brackets and quotes around a cursor. */
export function placeAt(cursor: Cursor): Place {
  const nesting = nestingBefore(cursor);
  return { cursor, nesting, pending: pendingAt(cursor, nesting) };
}

function nestingBefore({ before, lineRest, languageId }: Cursor): Nesting {
  const cut = before.length > scanned ? before.indexOf("\n", before.length - scanned) + 1 : 0;
  const { end } = scanBrackets(before.slice(cut), languageId);
  if (end.quote !== "" || !isClosing(lineRest)) return end;
  // An editor puts a quote behind the cursor when one is typed before it: whatever the scan thinks, this is inside a string.
  const quote = /^\s*("""|'''|["'`])/.exec(lineRest)?.[1] ?? "";
  return end.openers.some(({ within }) => within === quote) ? end : { ...end, quote };
}

interface Open {
  readonly character: string;
  readonly indent: number | undefined;
}

function pendingAt(cursor: Cursor, nesting: Nesting): readonly Pending[] {
  const closingRest = isClosing(cursor.lineRest);
  const open = openAt(nesting);
  const pending: Pending[] = [];
  let next = 0;
  for (const { 0: character, index } of closingRest ? cursor.lineRest.matchAll(/"""|'''|[)>}\]"'`]/g) : []) {
    const found = open.findIndex((other, position) => position >= next && other.character === character);
    for (const skipped of open.slice(next, Math.max(next, found))) {
      pending.push({ character: skipped.character, closed: "nowhere" });
    }
    pending.push({ character, closed: { from: index, to: index + character.length } });
    if (found >= 0) next = found + 1;
  }
  const outer = open.slice(next);
  const below = closedBelow(outer, cursor, closingRest ? cursor.below : cursor.after);
  return [
    ...pending,
    ...outer.map(({ character }, index) => ({ character, closed: index < below ? "nowhere" : "below" }) as const),
  ];
}

/** What is open, the innermost first. A string that ends with its line can only be closed there. */
function openAt({ openers, quote }: Nesting): readonly Open[] {
  const strings = (character: string) => (/^["'`]/.test(character) ? [{ character, indent: undefined }] : []);
  const brackets = openers
    .toReversed()
    .flatMap((opener) => [{ character: closing(opener), indent: opener.indent }, ...strings(opener.within)]);
  return [...strings(quote), ...brackets];
}

/** The index of the innermost of `open` that is closed behind the cursor. A bracket at a line's start goes by indentation. */
function closedBelow(open: readonly Open[], { languageId }: Cursor, behind: string): number {
  const { closers } = scanBrackets(behind, languageId);
  const [first] = closers;
  if (!first) return open.length;
  const aligned = open.findIndex(({ character, indent }) => character === first.character && indent === first.indent);
  if (aligned >= 0) return aligned;
  const same = open.findIndex(({ character }) => character === first.character);
  return same < 0 ? open.length : same;
}
