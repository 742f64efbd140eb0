import { isClosing, type Cursor } from "../cursor";
import { opensString } from "../languages";
import { closing, isString, outermost, scanBrackets, type Closer, type Nesting, type Opener } from "../nesting";

/** Characters before the cursor in which open brackets are looked for. */
const scanned = 16_384;
/** In a longer line, the text that is scanned begins at a multiple of so many characters: it does not move with each key. */
const step = 4096;

/** By cursor: several steps on the way to a suggestion ask for it. */
const nestings = new WeakMap<Cursor, Nesting>();

/** Something that is open at the cursor. */
export interface Pending {
  /** The bracket, quote or tag that closes it. */
  readonly character: string;
  /**
   * Where it is closed: at this range of the line's rest; further down in the document; or nowhere yet, so that a text may close it.
   */
  readonly closed: { readonly from: number; readonly to: number } | "below" | "nowhere";
}

/** What a text is inserted into. */
export interface InsertionContext {
  readonly cursor: Cursor;
  /** What was typed, in this line, along the suggestion that the text is the rest of; empty for a new one. */
  readonly typed: string;
  /** Brackets in strings and comments are listed only where the line's rest closes them. */
  readonly nesting: Nesting;
  /** What is open at the cursor, the innermost first. */
  readonly pending: readonly Pending[];
  /** The brackets of {@link nesting} that the line's rest closes. */
  readonly closedInLine: ReadonlySet<Opener>;
}

/** A step of post-processing: what is left of a text. An empty one is not shown. */
export type Filter = (text: string, context: InsertionContext) => string;

/** Looks at the brackets and quotes around a cursor. @param typed along the suggestion, its earlier lines included */
export function insertionContext(cursor: Cursor, typed = ""): InsertionContext {
  const nesting = nestingBefore(cursor);
  const open = openAt(nesting);
  const { pending, closed, next, end } = pendingInLine(open, cursor);
  const outer = open.slice(next).filter(({ opener }) => opener?.kind !== "literal");
  const text = isClosing(cursor.lineRest) ? cursor.below : cursor.after.slice(end);
  const below = closedBelow(outer, scanBrackets(text, cursor.languageId, remaining(nesting, outer, cursor)).closers);
  return {
    cursor,
    typed: typed.slice(typed.lastIndexOf("\n") + 1),
    nesting: {
      ...nesting,
      openers: nesting.openers.filter((opener) => opener.kind !== "literal" || closed.has(opener)),
    },
    pending: [
      ...pending,
      ...outer.map(({ character }, index) => ({ character, closed: index < below ? "nowhere" : "below" }) as const),
    ],
    closedInLine: closed,
  };
}

/** What is still open after the closers of the line's rest. A string that begins on the cursor's line and ends nowhere in it is ignored. */
function remaining({ quote, quoteAbove }: Nesting, outer: readonly Open[], { lineRest }: Cursor): Nesting {
  const isClosed = isString(quote) && outer[0]?.character !== quote;
  const goesOn = quoteAbove || (!isClosing(lineRest) && lineRest.includes(quote));
  return {
    ...outermost,
    openers: outer.flatMap(({ opener }) => opener ?? []).reverse(),
    quote: goesOn && !isClosed ? quote : "",
  };
}

/** What is open at a cursor. */
export function nestingBefore(cursor: Cursor): Nesting {
  const known = nestings.get(cursor);
  if (known) return known;
  const found = findNesting(cursor);
  nestings.set(cursor, found);
  return found;
}

function findNesting({ before, linePrefix, lineRest, languageId }: Cursor): Nesting {
  const { end } = scanBrackets(before.slice(scanStart(before)), languageId);
  if (end.quote !== "" || !isClosing(lineRest)) return end;
  // An editor puts a quote after the cursor when one is typed before it: whatever the scan says, this is inside a string.
  const quote = /^\s*("""|'''|["'`])/.exec(lineRest)?.[1] ?? "";
  const isOpen = quote !== "" && opensString(quote, 0, "", languageId) && linePrefix.split(quote).length % 2 === 0;
  if (!isOpen) return end;
  return end.openers.some(({ within }) => within === quote) ? end : { ...end, quote };
}

/** Where the scan of a text before a cursor begins: at a line's start, unless the last line is very long. */
export function scanStart(before: string): number {
  const earliest = before.length - scanned;
  if (earliest <= 0) return 0;
  return before.indexOf("\n", earliest) + 1 || Math.floor(earliest / step) * step;
}

/** A bracket or string that is open. */
interface Open {
  readonly character: string;
  /** The bracket; undefined for a string. */
  readonly opener?: Opener;
}

/** What is open, the innermost first. */
function openAt({ openers, quote }: Nesting): readonly Open[] {
  const strings = (character: string) => (isString(character) ? [{ character }] : []);
  const literals = openers.slice(openers.findLastIndex(({ kind }) => kind !== "literal") + 1);
  const outer = openers.slice(0, openers.length - literals.length).toReversed();
  return [
    ...literals.toReversed().map((opener) => ({ character: closing(opener), opener })),
    ...strings(quote),
    ...outer.flatMap((opener) => [
      { character: closing(opener), opener },
      ...(opener.kind === "interpolation" ? strings(opener.within) : []),
    ]),
  ];
}

interface InLine {
  readonly pending: readonly Pending[];
  /** The brackets that the line's rest closes. */
  readonly closed: ReadonlySet<Opener>;
  /** The index of the innermost of what is open that the line's rest does not close. */
  readonly next: number;
  /** Where the line's rest has been read to. */
  readonly end: number;
}

/** Pairs what is open with what the line's rest closes: all of a rest that only closes, else the closers that it begins with. */
function pendingInLine(open: readonly Open[], { lineRest }: Cursor): InLine {
  const onlyCloses = isClosing(lineRest);
  const pending: Pending[] = [];
  const closed = new Set<Opener>();
  let next = 0;
  let end = 0;
  for (const { 0: character, index } of lineRest.matchAll(/"""|'''|<\/[\w.:-]*>|[)>}\]"'`]/g)) {
    const found = open.findIndex((other, position) => position >= next && other.character === character);
    const skipped = open.slice(next, Math.max(next, found)).filter(({ opener }) => opener?.kind !== "literal");
    const follows = lineRest.slice(end, index).trim() === "" && found >= 0 && skipped.length === 0;
    if (!onlyCloses && !follows) break;
    pending.push(...skipped.map((other) => ({ character: other.character, closed: "nowhere" }) as const));
    end = index + character.length;
    pending.push({ character, closed: { from: index, to: end } });
    if (found < 0) continue;
    const opener = open[found]?.opener;
    if (opener) closed.add(opener);
    next = found + 1;
  }
  return { pending, closed, next, end };
}

/** The index of the innermost of `open` that the closers of what follows close. A bracket at a line's start goes by indentation. */
function closedBelow(open: readonly Open[], closers: readonly Closer[]): number {
  const characters = new Set(open.map(({ character }) => character));
  const first = closers.find((closer) => characters.has(closer.character));
  if (!first) return open.length;
  const same = ({ character }: Open) => character === first.character;
  const aligned = open.findIndex((other) => same(other) && other.opener?.indent === first.indent);
  return aligned >= 0 ? aligned : open.findIndex(same);
}
