/** The ordinary tokens by id: a string stands for its UTF-8, a hole is an id that no ordinary token has. */
export type TokenTable = readonly (string | readonly number[] | undefined)[];

/** The bytes of every token, and the ordinary tokens in the order of their bytes. */
export class Vocabulary {
  /** The bytes of all tokens one after the other: token i has those from `offsets[i]` to `offsets[i + 1]`. */
  readonly #pool: Uint8Array;
  readonly #offsets: Uint32Array;
  /** The ids of the ordinary tokens, sorted by their bytes. */
  readonly #sorted: Uint32Array;
  readonly #ordinary: TokenTable;

  /**
   * @param ordinary the tokens that text is encoded with
   * @param special names and ids of the tokens that text is never encoded with
   * @param size ids that the model knows; those that are neither ordinary nor special have no bytes
   */
  constructor(
    ordinary: TokenTable,
    special: ReadonlyMap<string, number>,
    readonly size: number,
  ) {
    this.#ordinary = ordinary;
    const contents = Array.from({ length: size }, (_, id) => ordinary[id] ?? "");
    for (const [name, id] of special) contents[id] = name;
    const encoder = new TextEncoder();
    const pool = new Uint8Array(contents.reduce((sum, { length }) => sum + 3 * length, 0));
    this.#offsets = new Uint32Array(size + 1);
    let end = 0;
    for (const [id, content] of contents.entries()) {
      if (typeof content === "string") end += encoder.encodeInto(content, pool.subarray(end)).written;
      else {
        pool.set(content, end);
        end += content.length;
      }
      this.#offsets[id + 1] = end;
    }
    this.#pool = pool.slice(0, end);
    const ids = Uint32Array.from(contents.keys()).filter((id) => ordinary[id] !== undefined);
    this.#sorted = ids.sort((a, b) => this.#order(a, b));
  }

  /** @throws RangeError when the token is not inside {@link size}. */
  bytes(token: number): Uint8Array {
    const [from, to] = [this.#offsets[token], this.#offsets[token + 1]];
    if (from === undefined || to === undefined) {
      throw new RangeError(`Token ${token} is not in the vocabulary of ${this.size} tokens.`);
    }
    return this.#pool.subarray(from, to);
  }

  /** The ordinary token that has exactly these bytes. */
  idOf(bytes: Uint8Array): number | undefined {
    const token = this.#sorted[this.#firstIndex((other) => compare(other, bytes) >= 0)];
    return token !== undefined && compare(this.bytes(token), bytes) === 0 ? token : undefined;
  }

  isSpecial(token: number): boolean {
    return this.#ordinary[token] === undefined;
  }

  /** The ids of the ordinary tokens whose bytes begin with `prefix`: a view of the sorted ids. */
  startingWith(prefix: Uint8Array): Uint32Array {
    const from = this.#firstIndex((bytes) => compare(bytes, prefix) >= 0);
    const to = this.#firstIndex((bytes) => compare(bytes.subarray(0, prefix.length), prefix) > 0);
    return this.#sorted.subarray(from, to);
  }

  /** The ids of the ordinary tokens that begin with `wanted`, then of those that are a proper prefix of it, the longest first. */
  agreeingWith(wanted: Uint8Array): Uint32Array {
    const prefixes: number[] = [];
    for (let length = wanted.length - 1; length > 0; length--) {
      const token = this.idOf(wanted.subarray(0, length));
      if (token !== undefined) prefixes.push(token);
    }
    const longer = this.startingWith(wanted);
    const agreeing = new Uint32Array(longer.length + prefixes.length);
    agreeing.set(longer);
    agreeing.set(prefixes, longer.length);
    return agreeing;
  }

  /** As {@link compare} of two tokens, without a view of either: sorting does this 800,000 times. */
  #order(a: number, b: number): number {
    const pool = this.#pool;
    const offsets = this.#offsets;
    const endA = offsets[a + 1] as number;
    const endB = offsets[b + 1] as number;
    let i = offsets[a] as number;
    let j = offsets[b] as number;
    while (i < endA && j < endB) {
      const difference = (pool[i++] as number) - (pool[j++] as number);
      if (difference !== 0) return difference;
    }
    return endA - i - (endB - j);
  }

  /** The first place in {@link #sorted} whose bytes satisfy `holds`, which is false before some place and true from there on. */
  #firstIndex(holds: (bytes: Uint8Array) => boolean): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.bytes(this.#sorted[middle] as number))) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Lexicographic order of byte strings, a prefix before what it is a prefix of. */
function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
