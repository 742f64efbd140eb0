/** A set of tokens, one bit each. */
export class TokenMask {
  readonly #words: Uint32Array;
  #count = 0;

  constructor(vocabSize: number) {
    this.#words = new Uint32Array(Math.ceil(vocabSize / 32));
  }

  /** How many tokens are in it. */
  get count(): number {
    return this.#count;
  }

  has(token: number): boolean {
    return (((this.#words[token >>> 5] ?? 0) >>> (token & 31)) & 1) === 1;
  }

  add(token: number): void {
    if (this.has(token)) return;
    this.#words[token >>> 5] = (this.#words[token >>> 5] ?? 0) | (1 << (token & 31));
    this.#count++;
  }

  clear(): void {
    this.#words.fill(0);
    this.#count = 0;
  }

  /** Sets the logits of all other tokens to -Infinity. @param logits `[V]`, changed */
  apply(logits: Float32Array): void {
    for (let index = 0; index < this.#words.length; index++) {
      const word = this.#words[index] as number;
      const start = index << 5;
      if (word === 0) logits.fill(-Infinity, start, start + 32);
      else if (word !== 0xffffffff) {
        for (let bit = 0; bit < 32; bit++) if (((word >>> bit) & 1) === 0) logits[start + bit] = -Infinity;
      }
    }
  }
}
