import type { PlacedChunk } from "./segment";

/** A position that may be a match. */
export interface Candidate {
  /** The text it is in, a segment's or an open document's. */
  readonly text: Uint8Array;
  readonly placed: PlacedChunk;
  readonly position: number;
  /** Bytes before it that are equal to those before the cursor. */
  readonly length: number;
}

/** How near a file is to the cursor's: decides among equally long matches. */
export type Closeness = 0 | 1 | 2 | 3;
const closenessLevels = 4;

/** The longest matches of a search, so many at most. */
export class LongestCandidates {
  readonly #capacity: number;
  readonly #closeness: (uri: string) => Closeness;
  readonly #found: { readonly candidate: Candidate; readonly score: number }[] = [];
  #floor: number;

  /** @param shortest bytes; shorter matches are not taken */
  constructor(capacity: number, shortest: number, closeness: (uri: string) => Closeness) {
    this.#capacity = capacity;
    this.#closeness = closeness;
    this.#floor = shortest * closenessLevels - 1;
  }

  /** Whether a match of so many bytes can still be among the longest. */
  accepts(length: number): boolean {
    return length * closenessLevels + closenessLevels - 1 > this.#floor;
  }

  add(candidate: Candidate): void {
    const score = candidate.length * closenessLevels + this.#closeness(candidate.placed.chunk.file.uri);
    if (score <= this.#floor) return;
    this.#found.push({ candidate, score });
    if (this.#found.length >= 2 * this.#capacity) this.#select();
  }

  /** The longest first. */
  get best(): Candidate[] {
    this.#select();
    return this.#found.map(({ candidate }) => candidate);
  }

  #select(): void {
    this.#found.sort((a, b) => b.score - a.score);
    this.#found.length = Math.min(this.#found.length, this.#capacity);
    const last = this.#found.at(-1);
    if (last && this.#found.length === this.#capacity) this.#floor = last.score;
  }
}
