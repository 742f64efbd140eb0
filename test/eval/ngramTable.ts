/**
 * All n-grams of a text up to a length: the text's positions, sorted by the tokens that begin there. The n-grams with the same beginning lie
 * together, so what followed it and how often is found by bisection.
 */
export class NgramTable {
  readonly #positions: Int32Array;

  /** @param order the length of the longest n-gram */
  constructor(
    private readonly tokens: Int32Array,
    readonly order: number,
    vocabSize: number,
  ) {
    this.#positions = byFirstToken(tokens, vocabSize);
    for (let start = 0; start < tokens.length;) {
      const end = this.#end(start, tokens.length, 0);
      this.#positions.subarray(start, end).sort((a, b) => this.#compare(a, b));
      start = end;
    }
  }

  /**
   * The tokens that followed `context`, and how often.
   * @param context fewer tokens than the order
   */
  followers(context: readonly number[]): Map<number, number> {
    let [start, end] = [0, this.#positions.length];
    for (const [depth, token] of context.entries()) {
      start = this.#search(start, end, depth, token);
      end = this.#search(start, end, depth, token + 1);
    }
    const found = new Map<number, number>();
    while (start < end) {
      const next = this.#end(start, end, context.length);
      const token = this.#token(start, context.length);
      // Nothing follows the text's last tokens.
      if (token >= 0) found.set(token, next - start);
      start = next;
    }
    return found;
  }

  #compare(a: number, b: number): number {
    for (let depth = 0; depth < this.order; depth++) {
      const difference = (this.tokens[a + depth] ?? -1) - (this.tokens[b + depth] ?? -1);
      if (difference !== 0) return difference;
    }
    return a - b;
  }

  /** The token at a depth of the n-gram with this rank; -1 after the text's end. */
  #token(rank: number, depth: number): number {
    return this.tokens[(this.#positions[rank] as number) + depth] ?? -1;
  }

  /** The first rank from `start` on whose token at `depth` is `token` or a larger one. */
  #search(start: number, end: number, depth: number, token: number): number {
    let [low, high] = [start, end];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#token(middle, depth) < token) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Where the n-grams end that have the same token at `depth` as that of rank `start`. */
  #end(start: number, end: number, depth: number): number {
    return this.#search(start, end, depth, this.#token(start, depth) + 1);
  }
}

/** The positions of a text, those of the smallest token first. */
function byFirstToken(tokens: Int32Array, vocabSize: number): Int32Array {
  const next = new Int32Array(vocabSize + 1);
  for (const token of tokens) next[token + 1] = (next[token + 1] ?? 0) + 1;
  for (let token = 0; token < vocabSize; token++) next[token + 1] = (next[token + 1] ?? 0) + (next[token] ?? 0);
  const positions = new Int32Array(tokens.length);
  for (const [position, token] of tokens.entries()) {
    const rank = next[token] ?? 0;
    positions[rank] = position;
    next[token] = rank + 1;
  }
  return positions;
}
