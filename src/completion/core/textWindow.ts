/** Characters before the cursor that are always included: more than any model's context holds (8192 tokens of code are 26,000). */
const before = 1 << 15;
/** The window's start moves in steps of this many characters, so that the text before the cursor keeps its start while one types. */
const step = 1 << 14;
/** Characters after the cursor. */
const after = 1 << 13;

/** Part of a document, as offsets in it. */
export interface TextWindow {
  readonly start: number;
  readonly end: number;
  /** The start may move back to a line start down to here; an earlier line start belongs to a very long line. */
  readonly earliestStart: number;
}

/** The part of a document to read around `cursor`: little of a large one, with a start that seldom moves. */
export function textWindow(cursor: number): TextWindow {
  const start = Math.max(0, Math.floor((cursor - before) / step) * step);
  return { start, earliestStart: Math.max(0, start - step), end: cursor + after };
}
