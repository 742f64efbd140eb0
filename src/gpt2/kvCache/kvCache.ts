import type { CacheSlot } from "../languageModel";

/** Positions by which a slot grows. */
const usualGrowth = 512;
/** What the number of positions that a step looks at is a multiple of, see `buildGraph`. */
const alignment = 16;
const floatBytes = 4;

/** Memory that a cache lives in: the WASM heap. */
export interface Memory {
  /** @throws when there is no more. May replace the memory behind {@link bytes}. */
  allocate(bytes: number): number;
  free(address: number): void;
  /** The memory as it is now. */
  readonly bytes: Uint8Array;
}

/** What the caches of one model have in common. */
export interface CacheShape {
  readonly layers: number;
  /** Numbers in a key, or a value, of one position: kvHeads·hd. */
  readonly width: number;
  readonly contextLength: number;
}

/**
 * Keys and values of one sequence: per layer a `[capacity, width]` block of keys, then one of values, one after the other.
 * Row i belongs to `tokens[i]`; rows behind the last token are finite garbage (masked, they are multiplied with 0). Forgetting
 * tokens is setting the length.
 */
export class KvCache implements CacheSlot, Disposable {
  readonly tokens: number[] = [];
  /** From `performance.now()`. */
  lastUsed = performance.now();
  #address = 0;
  #capacity = 0;

  constructor(
    readonly id: number,
    private readonly memory: Memory,
    private readonly shape: CacheShape,
    /** Positions by which it grows. */
    private readonly growth = usualGrowth,
  ) {}

  get length(): number {
    return this.tokens.length;
  }

  get capacity(): number {
    return this.#capacity;
  }

  get bytes(): number {
    return cacheBytes(this.shape, this.#capacity);
  }

  /** Where a layer's keys, or values, begin. */
  address(layer: number, kind: "key" | "value"): number {
    return this.#address + (2 * layer + (kind === "key" ? 0 : 1)) * this.#blockBytes;
  }

  /** Makes room for `length` positions; the rows that are there are kept, also those behind the last token. */
  reserve(length: number): void {
    const capacity = capacityFor(this.shape, length, this.growth);
    if (capacity <= this.#capacity) return;
    const address = this.memory.allocate(cacheBytes(this.shape, capacity));
    const before = { address: this.#address, capacity: this.#capacity, blockBytes: this.#blockBytes };
    this.#address = address;
    this.#capacity = capacity;
    this.memory.bytes.fill(0, address, address + this.bytes);
    if (before.capacity === 0) return;
    for (let block = 0; block < 2 * this.shape.layers; block++) {
      const from = before.address + block * before.blockBytes;
      this.memory.bytes.copyWithin(address + block * this.#blockBytes, from, from + before.blockBytes);
    }
    this.memory.free(before.address);
  }

  /** Becomes a copy of the first `length` positions of another cache. */
  copyPrefix(source: KvCache, length: number): void {
    this.tokens.length = 0;
    this.reserve(length);
    const bytes = length * this.#rowBytes;
    for (let layer = 0; layer < this.shape.layers; layer++) {
      for (const kind of ["key", "value"] as const) {
        const from = source.address(layer, kind);
        this.memory.bytes.copyWithin(this.address(layer, kind), from, from + bytes);
      }
    }
    for (let i = 0; i < length; i++) this.tokens.push(source.tokens[i] ?? 0);
  }

  /** A copy of the rows from `start` to before `end`, the layers' keys and values one after the other. */
  rows(start: number, end: number): Uint8Array {
    const bytes = Math.max(0, end - start) * this.#rowBytes;
    const rows = new Uint8Array(2 * this.shape.layers * bytes);
    for (let block = 0; block < 2 * this.shape.layers; block++) {
      const from = this.#address + block * this.#blockBytes + start * this.#rowBytes;
      rows.set(this.memory.bytes.subarray(from, from + bytes), block * bytes);
    }
    return rows;
  }

  /** Puts {@link rows} back to where they were. */
  putRows(start: number, rows: Uint8Array): void {
    const bytes = rows.length / (2 * this.shape.layers);
    for (let block = 0; block < 2 * this.shape.layers; block++) {
      const to = this.#address + block * this.#blockBytes + start * this.#rowBytes;
      this.memory.bytes.set(rows.subarray(block * bytes, (block + 1) * bytes), to);
    }
  }

  /** Gives the memory back; the cache is empty then and may be filled again. */
  [Symbol.dispose](): void {
    this.tokens.length = 0;
    if (this.#capacity === 0) return;
    this.memory.free(this.#address);
    this.#address = 0;
    this.#capacity = 0;
  }

  get #rowBytes(): number {
    return this.shape.width * floatBytes;
  }

  get #blockBytes(): number {
    return this.#capacity * this.#rowBytes;
  }
}

/** Positions that a cache for `length` positions has: the next step of growth, but hardly more than the model knows. */
export function capacityFor(shape: CacheShape, length: number, growth = usualGrowth): number {
  return Math.min(Math.ceil(length / growth) * growth, alignedLength(shape.contextLength));
}

/** Positions that a step looks at when it is to look at `length`: the rest is masked. */
export function alignedLength(length: number): number {
  return Math.ceil(length / alignment) * alignment;
}

/** Bytes of a cache of `capacity` positions. */
export function cacheBytes(shape: CacheShape, capacity: number): number {
  return 2 * shape.layers * capacity * shape.width * floatBytes;
}
