/** A replacement in a document, as `TextDocumentContentChangeEvent` reports it. */
export interface TextChange {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/**
 * Where a place in a document is after a change. What is inserted exactly there comes before it; a place inside a replaced
 * range moves to the end of what replaced it.
 */
export function shiftOffset(offset: number, { rangeOffset, rangeLength, text }: TextChange): number {
  if (rangeOffset > offset) return offset;
  const end = rangeOffset + rangeLength;
  return end <= offset ? offset + text.length - rangeLength : rangeOffset + text.length;
}
