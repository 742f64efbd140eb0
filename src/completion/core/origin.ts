import { allAfter, allBefore, type Cursor } from "./cursor";

/** Characters before the cursor that must match for a text to be still valid: about what the bundled model reads. */
const comparedBefore = 4096;
/** Characters after it. */
const comparedAfter = 256;
/** So many at the end are compared first: where a text repeats itself, all of it differs late. */
const comparedFirst = 64;

/** The position that a text continues: as much of its surroundings as decides whether a cursor is still there. */
export interface Origin {
  readonly document: string;
  /** The text before it. */
  readonly before: string;
  /** The text after it, without closing brackets and quotes at its start: editors insert those, and `fit` pairs them with the text. */
  readonly after: string;
}

/** The position of a cursor. */
export function originOf(cursor: Cursor): Origin {
  return {
    document: cursor.document,
    before: allBefore(cursor),
    after: allAfter(cursor)
      .replace(/^[\s)>}\]"'`:;,]+/, "")
      .slice(0, comparedAfter),
  };
}

/**
 * The text that was typed from `origin` to `here`; empty when they are the same position. Undefined when `here` is not after `origin`, is more
 * than `limit` characters after it, or when their surroundings differ.
 */
export function typedSince(origin: Origin, here: Origin, limit: number): string | undefined {
  if (origin.document !== here.document || origin.after !== here.after) return undefined;
  const before = origin.before.slice(-comparedBefore);
  const end = before.slice(-comparedFirst);
  const farthest = here.before.length - before.length;
  const fromStart = before.length < comparedBefore;
  for (let typed = fromStart ? farthest : 0; typed >= 0 && typed <= Math.min(limit, farthest); typed++) {
    const isHere =
      here.before.endsWith(end, here.before.length - typed) && here.before.startsWith(before, farthest - typed);
    if (isHere) return here.before.slice(here.before.length - typed);
  }
  return undefined;
}
