/** Turns one text into another by changing its end. */
export interface EndEdit {
  /** What the end loses. */
  readonly removed: string;
  readonly inserted: string;
}

/**
 * How a text that was written so far becomes the one that is wanted; undefined when nothing is to be done. A text that began anew, as it does
 * after another backend took over, keeps what is written until it is as long, or differs.
 * @param isFinal whether `wanted` is all of it, and no longer grows
 */
export function endEdit(written: string, wanted: string, isFinal: boolean): EndEdit | undefined {
  if (written === wanted || (!isFinal && written.startsWith(wanted))) return undefined;
  let common = 0;
  while (common < written.length && written[common] === wanted[common]) common++;
  // Half of a surrogate pair is no character.
  if (/[\ud800-\udbff]$/.test(written.slice(0, common))) common--;
  return { removed: written.slice(common), inserted: wanted.slice(common) };
}
