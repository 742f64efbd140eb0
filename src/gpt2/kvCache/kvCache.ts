import { capacityFor, type KvBuffer, type KvStorage, type SavedRows, usualGrowth } from "./storage";

/**
 * Keys and values of one sequence. Row i belongs to `tokens[i]`; what the rows after the last token hold does not matter. Rolling
 * tokens back is setting the length.
 */
export class KvCache<Buffer extends KvBuffer<Buffer>> implements Disposable {
  readonly tokens: number[] = [];
  /** From `performance.now()`. */
  lastUsed = performance.now();
  readonly #storage: KvStorage<Buffer>;
  readonly #growth: number;
  #buffer: Buffer | undefined;

  /**
   * @param growth positions by which it grows
   * @param adapter that the keys and values were computed with
   */
  constructor(
    readonly id: number,
    storage: KvStorage<Buffer>,
    growth = usualGrowth,
    readonly adapter?: string,
  ) {
    this.#storage = storage;
    this.#growth = growth;
  }

  get length(): number {
    return this.tokens.length;
  }

  get capacity(): number {
    return this.#buffer?.capacity ?? 0;
  }

  get bytes(): number {
    return this.#storage.bytesFor(this.capacity);
  }

  /** @throws RangeError before anything was reserved */
  get buffer(): Buffer {
    if (!this.#buffer) throw new RangeError("The cache is empty.");
    return this.#buffer;
  }

  /** Makes room for `length` positions; existing rows are kept, also those after the last token. */
  async reserve(length: number): Promise<void> {
    const capacity = capacityFor(this.#storage.shape, length, this.#growth);
    if (capacity <= this.capacity) return;
    const grown = await this.#storage.allocate(capacity);
    if (this.#buffer) {
      grown.copyFrom(this.#buffer, this.#buffer.capacity);
      this.#buffer[Symbol.dispose]();
    }
    this.#buffer = grown;
  }

  /** Becomes a copy of the first `length` positions of another cache. */
  async copyPrefix(source: KvCache<Buffer>, length: number): Promise<void> {
    this.tokens.length = 0;
    await this.reserve(length);
    this.buffer.copyFrom(source.buffer, length);
    this.tokens.push(...source.tokens.slice(0, length));
  }

  /** A copy of the rows from `start` to before `end`. */
  save(start: number, end: number): SavedRows<Buffer> {
    return this.buffer.save(start, end);
  }

  /** Frees the memory; the cache is empty then and may be filled again. */
  [Symbol.dispose](): void {
    this.tokens.length = 0;
    this.#buffer?.[Symbol.dispose]();
    this.#buffer = undefined;
  }
}
