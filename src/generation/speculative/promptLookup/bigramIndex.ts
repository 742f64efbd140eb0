type Tokens = readonly number[];

/** Larger than any token id. */
const radix = 2 ** 20;

/** A tokenized text with an index of its bigrams, so that all occurrences of a pair of tokens are found at once. It may grow. */
export class BigramIndex {
  #tokens: number[];
  /** For each bigram, the index of its last token at the latest occurrence. */
  readonly #latest = new Map<number, number>();
  /** For each index of the text, where the bigram that ends there ended at its previous occurrence; -1 if it is the first. */
  readonly #previous: number[] = [-1];

  constructor(tokens: Tokens = []) {
    this.#tokens = [...tokens];
    this.#add(1, tokens.length);
  }

  get tokens(): Tokens {
    return this.#tokens;
  }

  /**
   * Replaces the text by `tokens`. If they extend the current text, only the new tokens are indexed. To be taken for an extension it is
   * enough that `tokens` is not shorter and has the same token where the text ends: a sequence that is decoded only ever grows, or gets
   * shorter when its window moves.
   */
  update(tokens: Tokens): void {
    const indexed = this.#tokens.length;
    const isExtended = indexed <= tokens.length && this.#tokens.at(-1) === tokens[indexed - 1];
    if (!isExtended) this.#clear();
    const from = isExtended ? indexed : 0;
    for (let i = from; i < tokens.length; i++) this.#tokens.push(tokens[i] as number);
    this.#add(Math.max(1, from), tokens.length);
  }

  /** Yields the index after each occurrence of the last two tokens of `sequence` that a token follows, the latest first. */
  *continuations(sequence: Tokens): Generator<number> {
    const last = sequence.at(-1);
    const before = sequence.at(-2);
    if (last === undefined || before === undefined) return;
    for (let at = this.#latest.get(before * radix + last) ?? -1; at >= 0; at = this.#previous[at] ?? -1) {
      if (at + 1 < this.#tokens.length) yield at + 1;
    }
  }

  #add(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const bigram = (this.#tokens[i - 1] as number) * radix + (this.#tokens[i] as number);
      this.#previous[i] = this.#latest.get(bigram) ?? -1;
      this.#latest.set(bigram, i);
    }
  }

  #clear(): void {
    this.#tokens = [];
    this.#latest.clear();
  }
}
