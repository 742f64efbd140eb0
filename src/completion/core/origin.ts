import type { Cursor } from "./cursor";

/** Characters before the cursor that must be the same for a text to be still right: about what the bundled model reads. */
const comparedBefore = 4096;
/** Characters behind it. */
const comparedBehind = 256;

/** The place that a model's text continues: as much of its surroundings as is needed to tell whether a cursor is still there. */
export interface Origin {
  readonly document: string;
  /** The text before the place. */
  readonly before: string;
  /** The text behind it, without what closes at once: editors put that there by themselves, and `fit` pairs it with the text. */
  readonly after: string;
}

/** The place of a cursor. */
export function originOf({ document, before, after }: Cursor): Origin {
  return { document, before, after: after.replace(/^[\s)>}\]"'`:;,]+/, "").slice(0, comparedBehind) };
}

/**
 * What was typed to get from `origin` to `here`, empty when they are the same place. Undefined when `here` is not behind `origin`, or more
 * than `limit` characters behind it, or when what surrounds them differs.
 */
export function typedSince(origin: Origin, here: Origin, limit: number): string | undefined {
  if (origin.document !== here.document || origin.after !== here.after) return undefined;
  const before = origin.before.slice(-comparedBefore);
  const farthest = here.before.length - before.length;
  const fromStart = before.length < comparedBefore;
  for (let typed = fromStart ? farthest : 0; typed >= 0 && typed <= Math.min(limit, farthest); typed++) {
    if (here.before.startsWith(before, farthest - typed)) return here.before.slice(here.before.length - typed);
  }
  return undefined;
}
