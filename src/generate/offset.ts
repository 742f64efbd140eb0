/** A replacement in a document, as `TextDocumentContentChangeEvent` reports it. */
export interface TextChange {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/**
 * A position in a document after a change. Text inserted exactly there goes before it; a position inside a replaced range moves to the end of
 * the replacement.
 */
export function shiftOffset(offset: number, { rangeOffset, rangeLength, text }: TextChange): number {
  if (rangeOffset > offset) return offset;
  const end = rangeOffset + rangeLength;
  return end <= offset ? offset + text.length - rangeLength : rangeOffset + text.length;
}
