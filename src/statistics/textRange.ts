/** A part of a document, as offsets in UTF-16 units. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A replacement in a document. */
export interface RangeChange {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/** Where a range is after a change. What is inserted at its edges is not part of it. */
export function shiftRange({ start, end }: TextRange, { rangeOffset, rangeLength, text }: RangeChange): TextRange {
  const changeEnd = rangeOffset + rangeLength;
  const growth = text.length - rangeLength;
  if (rangeOffset >= end) return { start, end };
  if (changeEnd <= start) return { start: start + growth, end: end + growth };
  // What replaces an edge of the range counts as part of it.
  return { start: Math.min(start, rangeOffset), end: Math.max(end, changeEnd) + growth };
}

/** Whether a text is still what was accepted: white space does not count, since formatters change it. */
export function isKept(accepted: string, now: string): boolean {
  return now.replaceAll(/\s+/g, "").includes(accepted.replaceAll(/\s+/g, ""));
}
