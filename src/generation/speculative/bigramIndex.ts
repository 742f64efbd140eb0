type Tokens = readonly number[];

/** More than the largest token of any vocabulary here. */
const radix = 2 ** 20;

/** A text in tokens in which the places where two tokens follow each other are found at once. It may grow. */
export class IndexedText {
  #tokens: number[];
  /** For two tokens, where in the text the second of them stood last. */
  readonly #latest = new Map<number, number>();
  /** For each index of the text, where the two tokens that end there ended before that; -1 where they did not. */
  readonly #earlier: number[] = [-1];

  constructor(tokens: Tokens = []) {
    this.#tokens = [...tokens];
    this.#index(1, tokens.length);
  }

  get tokens(): Tokens {
    return this.#tokens;
  }

  /** Becomes `tokens`. What costs is only what is new, if they begin as the text. */
  become(tokens: Tokens): void {
    const indexed = this.#tokens.length;
    const grown = indexed <= tokens.length && this.#tokens.at(-1) === tokens[indexed - 1];
    if (!grown) this.#clear();
    const from = grown ? indexed : 0;
    for (let i = from; i < tokens.length; i++) this.#tokens.push(tokens[i] as number);
    this.#index(Math.max(1, from), tokens.length);
  }

  /** The indices behind each place where the last two tokens of `sequence` stand and something follows, the latest first. */
  *behind(sequence: Tokens): Generator<number> {
    const last = sequence.at(-1);
    const before = sequence.at(-2);
    if (last === undefined || before === undefined) return;
    for (let at = this.#latest.get(before * radix + last) ?? -1; at >= 0; at = this.#earlier[at] ?? -1) {
      if (at + 1 < this.#tokens.length) yield at + 1;
    }
  }

  #index(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const pair = (this.#tokens[i - 1] as number) * radix + (this.#tokens[i] as number);
      this.#earlier[i] = this.#latest.get(pair) ?? -1;
      this.#latest.set(pair, i);
    }
  }

  #clear(): void {
    this.#tokens = [];
    this.#latest.clear();
  }
}
