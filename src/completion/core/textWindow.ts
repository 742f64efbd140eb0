/** Characters before the cursor that are always taken: more than any model's context holds (8192 tokens of code are 26,000). */
const before = 1 << 15;
/** The window's start moves by so many characters at once, so that what is before the cursor stays the same text while one types. */
const step = 1 << 14;
/** Characters behind the cursor. */
const after = 1 << 13;

/** Part of a document, as offsets in it. */
export interface TextWindow {
  readonly start: number;
  readonly end: number;
  /** The start may move back to a line start from here on; an earlier line start belongs to a very long line. */
  readonly earliestStart: number;
}

/** What to read of a document around `cursor`: little of a large one, and from a start that seldom moves. */
export function textWindow(cursor: number): TextWindow {
  const start = Math.max(0, Math.floor((cursor - before) / step) * step);
  return { start, earliestStart: Math.max(0, start - step), end: cursor + after };
}
