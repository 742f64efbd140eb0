/**
 * Which positions of a text are indexed. A cursor can stand anywhere, but not every position must be in the index: one inside a long word is
 * found from the position a few characters into that word, and nobody completes inside an indentation. Half of the positions of source code remain.
 */

/** Stands before and after every text; it occurs in no UTF-8. */
export const boundary = 0xff;

const tab = 0x09;
export const newline = 0x0a;
const space = 0x20;

/** So many positions from the beginning of a word on are indexed. */
const indexedInWord = 3;

/** Whether bytes are part of a word: letters, digits, `_`, `$`, and everything beyond ASCII. */
const isWordByte = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(/[\w$]/.test(String.fromCharCode(byte)) || (byte >= 0x80 && byte !== boundary)),
);

/** Whether the position before `text[position]` is indexed. `text[position - 1]` must exist. */
export function isIndexed(text: Uint8Array, position: number): boolean {
  const before = text[position - 1] as number;
  if (isWordByte[before] === 1) return startsNearWord(text, position);
  return before !== boundary && !isInsideBlank(text, position);
}

/** Whether white space stands before the position and goes on after it: in an indentation, or on a blank line. */
export function isInsideBlank(text: Uint8Array, position: number): boolean {
  const before = text[position - 1];
  const after = text[position];
  if (before !== space && before !== tab && before !== newline) return false;
  return after === space || after === tab || (after === newline && before === newline);
}

/**
 * The last position at or before the end of a text that {@link isIndexed} takes wherever the same text stands, whatever follows.
 * @returns the distance from the end, in bytes; undefined when there is none
 */
export function anchorDistance(text: Uint8Array): number | undefined {
  const end = text.length;
  if (end === 0) return undefined;
  if (isWordByte[text[end - 1] as number] === 0) return 0;
  for (let position = end; position > 0; position--) {
    if (startsNearWord(text, position) && isWordByte[text[position - 1] as number] === 1) return end - position;
  }
  return undefined;
}

/** Whether the word that reaches the position from the left begins near it. */
function startsNearWord(text: Uint8Array, position: number): boolean {
  const start = position - indexedInWord - 1;
  for (let i = position - 1; i > start; i--) if (i < 0 || isWordByte[text[i] as number] === 0) return true;
  return start < 0 || isWordByte[text[start] as number] === 0;
}
