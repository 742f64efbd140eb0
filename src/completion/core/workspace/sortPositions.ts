import { boundary } from "./positions";

/** No more bytes before a position are compared, in the order and in matches. Longer ones did not predict a line better. */
export const longestContext = 128;

/** Below this many positions, insertion sort is faster. */
const smallGroup = 10;

const counts = new Uint32Array(1 << 16);

/**
 * Sorts positions by the text before each, read backwards from it: positions after the same text become neighbors.
 * The first two bytes by counting, the others by multikey quicksort (Bentley and Sedgewick, 1997).
 * @param text begins with {@link boundary}; nothing is compared beyond one
 * @param positions each after a byte that is no boundary
 */
export function sortPositions(text: Uint8Array, positions: Uint16Array): void {
  countingSort(text, positions);
  let low = 0;
  for (let key = 0; key < counts.length; key++) {
    const high = counts[key] as number;
    if (high - low > 1 && (key & 0xff) !== boundary) multikeySort(text, positions, low, high, 2);
    low = high;
  }
}

/** Leaves in `counts` where the positions of each key end. */
function countingSort(text: Uint8Array, positions: Uint16Array): void {
  counts.fill(0);
  for (const position of positions) (counts[lastTwoBytes(text, position)] as number)++;
  let start = 0;
  for (let key = 0; key < counts.length; key++) {
    const count = counts[key] as number;
    counts[key] = start;
    start += count;
  }
  const unsorted = positions.slice();
  for (const position of unsorted) {
    const key = lastTwoBytes(text, position);
    positions[counts[key] as number] = position;
    (counts[key] as number)++;
  }
}

function lastTwoBytes(text: Uint8Array, position: number): number {
  return ((text[position - 1] as number) << 8) | (text[position - 2] as number);
}

/** Sorts `positions[low..high)`, which have `depth` bytes in common. */
function multikeySort(text: Uint8Array, positions: Uint16Array, low: number, high: number, depth: number): void {
  while (depth < longestContext) {
    if (high - low <= smallGroup) {
      insertionSort(text, positions, low, high, depth);
      return;
    }
    const offset = depth + 1;
    const pivot = medianByte(text, positions, low, high, offset);
    let less = low;
    let greater = high;
    for (let i = low; i < greater;) {
      const position = positions[i] as number;
      const byte = text[position - offset] as number;
      if (byte < pivot) {
        positions[i++] = positions[less] as number;
        positions[less++] = position;
      } else if (byte > pivot) {
        positions[i] = positions[--greater] as number;
        positions[greater] = position;
      } else i++;
    }
    if (less - low > 1) multikeySort(text, positions, low, less, depth);
    if (high - greater > 1) multikeySort(text, positions, greater, high, depth);
    if (pivot === boundary) return;
    low = less;
    high = greater;
    depth++;
  }
}

function medianByte(text: Uint8Array, positions: Uint16Array, low: number, high: number, offset: number): number {
  const a = text[(positions[low] as number) - offset] as number;
  const b = text[(positions[(low + high) >>> 1] as number) - offset] as number;
  const c = text[(positions[high - 1] as number) - offset] as number;
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function insertionSort(text: Uint8Array, positions: Uint16Array, low: number, high: number, depth: number): void {
  for (let i = low + 1; i < high; i++) {
    const position = positions[i] as number;
    let j = i;
    while (j > low && isBefore(text, position, positions[j - 1] as number, depth)) {
      positions[j] = positions[j - 1] as number;
      j--;
    }
    positions[j] = position;
  }
}

function isBefore(text: Uint8Array, a: number, b: number, depth: number): boolean {
  for (let offset = depth + 1; offset <= longestContext; offset++) {
    const byteA = text[a - offset] as number;
    const byteB = text[b - offset] as number;
    if (byteA !== byteB) return byteA < byteB;
    if (byteA === boundary) return false;
  }
  return false;
}
