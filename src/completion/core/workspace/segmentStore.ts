import { chunksOf, type IndexedFile } from "./chunk";
import { buildSegment, type ChunkText, countThatFit, currentBytes, currentParts, type Segment } from "./segment";

/** So many small segments are left before they are joined: each costs time in every search. */
const mostSmallSegments = 8;
/** Bytes of text. */
const smallSegment = 1 << 15;
/** A segment of which a smaller share is current is rebuilt. */
const leastCurrent = 0.75;
/** Bytes of memory for each byte of text: the text, and two for each of the half of its positions that are indexed. */
const memoryPerByte = 2.1;
/** Bytes of memory for the objects that describe a chunk. */
const memoryPerChunk = 200;

/** The segments of an index, and the texts that wait for theirs. */
export class SegmentStore {
  /** The most useful files are in the first ones. */
  #segments: Segment[] = [];
  #waiting: ChunkText[] = [];

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Texts that no segment has yet. */
  get waiting(): readonly ChunkText[] {
    return this.#waiting;
  }

  /** Bytes of memory, including what waiting texts will take. */
  get memory(): number {
    let bytes = 0;
    for (const { text, order, chunks } of this.#segments) {
      bytes += text.byteLength + order.byteLength + chunks.length * memoryPerChunk;
    }
    for (const { text } of this.#waiting) bytes += estimatedMemory(text.length);
    return bytes;
  }

  /** Takes a text in. It is {@link waiting} until {@link work} comes to it. */
  add(file: IndexedFile, text: Uint8Array): void {
    for (const chunk of chunksOf(file, text)) {
      this.#waiting.push({ chunk, text: text.subarray(chunk.textStart, chunk.textEnd) });
    }
  }

  /** Builds one segment, which takes a few milliseconds. @returns whether there is more to do */
  work(): boolean {
    this.#waiting = this.#waiting.filter(({ chunk }) => chunk.file.current);
    if (this.#waiting.length > 0) {
      this.#segments.push(buildSegment(this.#waiting.splice(0, countThatFit(this.#waiting))));
    } else this.#rebuild(this.#wasteful());
    return this.#waiting.length > 0 || this.#wasteful().length > 0;
  }

  /** Rebuilds the segment with the most outdated text. @returns false when all text is current */
  reclaim(): boolean {
    this.#waiting = this.#waiting.filter(({ chunk }) => chunk.file.current);
    let most: Segment | undefined;
    let mostBytes = 0;
    for (const segment of this.#segments) {
      const bytes = segment.text.length - currentBytes(segment);
      if (bytes > mostBytes) [most, mostBytes] = [segment, bytes];
    }
    if (most) this.#rebuild([most]);
    return most !== undefined;
  }

  /** Drops the last segment, whose files are no longer current. @returns its files; undefined when there is none to drop */
  dropLast(isKept: (file: IndexedFile) => boolean): readonly IndexedFile[] | undefined {
    const at = this.#segments.findLastIndex(({ chunks }) => !chunks.some(({ chunk }) => isKept(chunk.file)));
    const [dropped] = at < 0 ? [] : this.#segments.splice(at, 1);
    const files = dropped?.chunks.map(({ chunk }) => chunk.file);
    files?.forEach((file) => (file.current = false));
    return files;
  }

  #rebuild(segments: readonly Segment[]): void {
    const [first] = segments;
    if (!first) return;
    const parts = segments.flatMap(currentParts);
    const rebuilt = parts.length > 0 ? [buildSegment(parts)] : [];
    this.#segments.splice(this.#segments.indexOf(first), 1, ...rebuilt);
    this.#segments = this.#segments.filter((segment) => segment === rebuilt[0] || !segments.includes(segment));
  }

  /** Segments to be replaced by one, because little of them is current or because there are many small ones. */
  #wasteful(): readonly Segment[] {
    const outdated = this.#segments.filter((segment) => currentBytes(segment) < leastCurrent * segment.text.length);
    if (outdated.length > 0) return thatFitTogether(outdated);
    const small = this.#segments.filter((segment) => segment.text.length < smallSegment);
    return small.length > mostSmallSegments ? thatFitTogether(small) : [];
  }
}

/** Bytes of memory for a text of so many bytes. */
export function estimatedMemory(bytes: number): number {
  return Math.ceil(memoryPerByte * bytes) + memoryPerChunk;
}

function thatFitTogether(segments: readonly Segment[]): readonly Segment[] {
  let parts: readonly ChunkText[] = [];
  let count = 0;
  for (const segment of segments) {
    parts = [...parts, ...currentParts(segment)];
    if (count > 0 && countThatFit(parts) < parts.length) break;
    count++;
  }
  return segments.slice(0, count);
}
