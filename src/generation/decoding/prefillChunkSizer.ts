/** Milliseconds that one chunk should take: a newer request waits for no more than that. */
const aim = 25;
const smallest = 8;
const largest = 512;

/** How many tokens to prefill at once, learned from how fast the machine was with the last chunks. */
export class PrefillPace {
  #tokensPerMs: number | undefined;

  /** Tokens of the next chunk, a multiple of 8. */
  get chunk(): number {
    const tokens = this.#tokensPerMs === undefined ? 32 : this.#tokensPerMs * aim;
    return Math.min(Math.max(8 * Math.floor(tokens / 8), smallest), largest);
  }

  /** Notes what a chunk took. Very small ones say little about large ones and are left out. */
  record(tokens: number, ms: number): void {
    if (tokens < smallest) return;
    const measured = tokens / Math.max(ms, 0.01);
    this.#tokensPerMs = this.#tokensPerMs === undefined ? measured : 0.7 * this.#tokensPerMs + 0.3 * measured;
  }
}
