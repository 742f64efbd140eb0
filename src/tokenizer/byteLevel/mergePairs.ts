/** Which pairs of neighboring tokens become one. */
export interface PairTable {
  /** The rank of the merge of two tokens, below 2²⁴: the lowest is done first. Undefined for a pair that stays as it is. */
  rank(left: number, right: number): number | undefined;
  /** The token that the merge of a rank makes. */
  result(rank: number): number;
}

/** Positions of a sequence at most, so that a rank and a position fit a number. */
const positions = 2 ** 28;

/**
 * Byte-pair encoding: merges the pair with the lowest rank, the leftmost of those that are alike, until none is left. Takes n log n steps.
 * @param symbols the tokens of single bytes
 */
export function mergePairs(symbols: readonly number[], pairs: PairTable): number[] {
  if (symbols.length > positions)
    throw new RangeError(`A text of ${symbols.length} bytes without a boundary is too long.`);
  return new Merger(symbols, pairs).run();
}

/** The sequence is a list whose links are positions, so that merging moves nothing. */
class Merger {
  readonly #pairs: PairTable;
  readonly #tokens: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #queue: MinHeap;

  constructor(symbols: readonly number[], pairs: PairTable) {
    const count = symbols.length;
    this.#pairs = pairs;
    this.#tokens = Int32Array.from(symbols);
    this.#next = new Int32Array(count);
    this.#previous = new Int32Array(count);
    // Each merge removes a pair and makes two.
    this.#queue = new MinHeap(3 * count);
    for (let i = 0; i < count; i++) {
      this.#next[i] = i + 1 < count ? i + 1 : -1;
      this.#previous[i] = i - 1;
      this.#enqueue(i);
    }
  }

  run(): number[] {
    for (let entry = this.#queue.pop(); entry !== undefined; entry = this.#queue.pop()) {
      const left = entry % positions;
      const rank = (entry - left) / positions;
      // The pair may have changed since it was noted.
      if (this.#rankAt(left) === rank) this.#merge(left, rank);
    }
    const merged: number[] = [];
    for (let i = this.#tokens.length === 0 ? -1 : 0; i !== -1; i = this.#next[i] as number) {
      merged.push(this.#tokens[i] as number);
    }
    return merged;
  }

  #merge(left: number, rank: number): void {
    const right = this.#next[left] as number;
    const after = this.#next[right] as number;
    this.#tokens[left] = this.#pairs.result(rank);
    this.#tokens[right] = -1;
    this.#next[left] = after;
    if (after !== -1) this.#previous[after] = left;
    this.#enqueue(left);
    const before = this.#previous[left] as number;
    if (before !== -1) this.#enqueue(before);
  }

  #enqueue(left: number): void {
    const rank = this.#rankAt(left);
    if (rank !== undefined) this.#queue.push(rank * positions + left);
  }

  #rankAt(left: number): number | undefined {
    const token = this.#tokens[left] as number;
    const right = this.#next[left] as number;
    return token === -1 || right === -1 ? undefined : this.#pairs.rank(token, this.#tokens[right] as number);
  }
}

/** A binary heap of numbers. */
class MinHeap {
  readonly #values: Float64Array;
  #size = 0;

  constructor(capacity: number) {
    this.#values = new Float64Array(capacity);
  }

  push(value: number): void {
    const values = this.#values;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((values[parent] as number) <= value) break;
      values[at] = values[parent] as number;
      at = parent;
    }
    values[at] = value;
  }

  pop(): number | undefined {
    if (this.#size === 0) return undefined;
    const values = this.#values;
    const least = values[0];
    const last = values[--this.#size] as number;
    let at = 0;
    for (let child = 1; child < this.#size; child = 2 * at + 1) {
      if (child + 1 < this.#size && (values[child + 1] as number) < (values[child] as number)) child++;
      if ((values[child] as number) >= last) break;
      values[at] = values[child] as number;
      at = child;
    }
    values[at] = last;
    return least;
  }
}
