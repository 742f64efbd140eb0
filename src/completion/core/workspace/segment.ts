import type { Chunk } from "./chunk";
import { boundary, isIndexed } from "./positions";
import { longestContext, sortPositions } from "./sortPositions";

/** The positions of a segment are 16-bit numbers. */
const mostSegmentBytes = (1 << 16) - 1;

/** A chunk with its text. */
export interface ChunkText {
  readonly chunk: Chunk;
  /** From `textStart` to `textEnd`. */
  readonly text: Uint8Array;
}

/** A chunk in a segment. */
export interface PlacedChunk {
  readonly chunk: Chunk;
  /** Where `chunk.textStart` is in the segment's text. */
  readonly base: number;
}

/**
 * Up to 64 KB of text with the order of its positions by the text before them. Never changed: a text is replaced by one in another segment,
 * and a segment of which little is current is rebuilt.
 */
export interface Segment {
  /** The chunks' texts, a {@link boundary} before and after each. */
  readonly text: Uint8Array;
  /** The indexed positions, sorted by {@link sortPositions}. */
  readonly order: Uint16Array;
  /** In the order of their text. */
  readonly chunks: readonly PlacedChunk[];
}

/** How many of the chunks fit in one segment, at least one. */
export function countThatFit(chunks: readonly ChunkText[]): number {
  let bytes = 1;
  let count = 0;
  for (const { text } of chunks) {
    bytes += text.length + 1;
    if (bytes > mostSegmentBytes) break;
    count++;
  }
  return Math.max(1, count);
}

/** @param parts no more than fit: {@link countThatFit} */
export function buildSegment(parts: readonly ChunkText[]): Segment {
  const text = new Uint8Array(parts.reduce((bytes, part) => bytes + part.text.length + 1, 1));
  const chunks: PlacedChunk[] = [];
  text[0] = boundary;
  let end = 1;
  for (const part of parts) {
    chunks.push({ chunk: part.chunk, base: end });
    text.set(part.text, end);
    end += part.text.length;
    text[end++] = boundary;
  }
  const order = indexedPositions(text, chunks);
  sortPositions(text, order);
  return { text, order, chunks };
}

/** How much of a segment's text, with the boundaries, belongs to current chunks. */
export function currentBytes({ chunks }: Segment): number {
  let bytes = 1;
  for (const { chunk } of chunks) if (chunk.file.current) bytes += chunk.textEnd - chunk.textStart + 1;
  return bytes;
}

/** The current chunks of a segment, for another one. */
export function currentParts({ text, chunks }: Segment): ChunkText[] {
  return chunks
    .filter(({ chunk }) => chunk.file.current)
    .map(({ chunk, base }) => ({ chunk, text: text.subarray(base, base + chunk.textEnd - chunk.textStart) }));
}

/** The chunk that a position is in. */
export function chunkAt({ chunks }: Segment, position: number): PlacedChunk {
  let low = 0;
  for (let high = chunks.length; high - low > 1;) {
    const middle = (low + high) >>> 1;
    if ((chunks[middle] as PlacedChunk).base <= position) low = middle;
    else high = middle;
  }
  return chunks[low] as PlacedChunk;
}

/**
 * The first place in the order at which a position is not before the needle.
 * @param needle begins with {@link boundary}
 */
export function lowerBound({ text, order }: Segment, needle: Uint8Array): number {
  let low = 0;
  for (let high = order.length; low < high;) {
    const middle = (low + high) >>> 1;
    if (isBefore(text, order[middle] as number, needle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many bytes before the position are equal to those at the needle's end, at most {@link longestContext}. */
export function commonBytes(text: Uint8Array, position: number, needle: Uint8Array): number {
  const end = needle.length;
  let length = 0;
  while (length < longestContext) {
    const byte = text[position - 1 - length] as number;
    if (byte !== needle[end - 1 - length] || byte === boundary) break;
    length++;
  }
  return length;
}

function isBefore(text: Uint8Array, position: number, needle: Uint8Array): boolean {
  const common = commonBytes(text, position, needle);
  if (common === longestContext) return false;
  return (text[position - 1 - common] as number) < (needle[needle.length - 1 - common] as number);
}

function indexedPositions(text: Uint8Array, chunks: readonly PlacedChunk[]): Uint16Array<ArrayBuffer> {
  const positions = new Uint16Array(text.length);
  let count = 0;
  for (const { chunk, base } of chunks) {
    const end = base + chunk.end - chunk.textStart;
    for (let position = base + chunk.start - chunk.textStart; position < end; position++) {
      if (isIndexed(text, position)) positions[count++] = position;
    }
  }
  return positions.slice(0, count);
}
