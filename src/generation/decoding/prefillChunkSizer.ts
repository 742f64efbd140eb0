/** Target duration of a chunk in ms: the longest that a more urgent request has to wait. */
const targetMs = 25;
const minTokens = 8;
const maxTokens = 512;
const initialTokens = 32;

/** Chooses how many tokens to prefill at once from the speed of the last chunks. */
export class PrefillChunkSizer {
  #tokensPerMs: number | undefined;

  /** Tokens of the next chunk, a multiple of 8. */
  get chunk(): number {
    const tokens = this.#tokensPerMs === undefined ? initialTokens : this.#tokensPerMs * targetMs;
    return Math.min(Math.max(8 * Math.floor(tokens / 8), minTokens), maxTokens);
  }

  /** Records the duration of a chunk. Very small chunks are ignored: they say little about large ones. */
  record(tokens: number, ms: number): void {
    if (tokens < minTokens) return;
    const measured = tokens / Math.max(ms, 0.01);
    this.#tokensPerMs = this.#tokensPerMs === undefined ? measured : 0.7 * this.#tokensPerMs + 0.3 * measured;
  }
}
