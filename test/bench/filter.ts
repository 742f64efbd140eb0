/** Keeps what `--only` names. A word that names nothing of a kind does not restrict that kind. */
export class Filter {
  constructor(private readonly words: readonly string[]) {}

  /** Those whose name contains one of the words; all when no word is in any name, nor in one of `others` of their kind. */
  choose<T>(items: readonly T[], nameOf: (item: T) => string, others: readonly string[] = []): readonly T[] {
    const named = items.filter((item) => this.#names(nameOf(item)));
    return named.length > 0 || others.some((other) => this.#names(other)) ? named : items;
  }

  /** Whether something on its own is wanted: it is named, or no word names one of the `others` instead. */
  wants(name: string, others: readonly string[]): boolean {
    return this.#names(name) || !others.some((other) => this.#names(other));
  }

  #names(name: string): boolean {
    return this.words.some((word) => name.toLowerCase().includes(word.toLowerCase()));
  }
}
