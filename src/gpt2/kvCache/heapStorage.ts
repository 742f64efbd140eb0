import type { CacheShape, KvBuffer, KvStorage, SavedRows } from "./storage";

const floatBytes = 4;

/** A heap that caches are allocated in. */
export interface Memory {
  /**
   * Memory at a multiple of 8 bytes or more.
   * @throws when there is no more. May replace the memory that {@link bytes} is a view of.
   */
  allocate(bytes: number): number;
  free(address: number): void;
  /** The memory as it is now. */
  readonly bytes: Uint8Array;
}

/** Keys and values in a WASM heap, as 32-bit floats. */
export class HeapKvStorage implements KvStorage<HeapKvBuffer> {
  readonly #memory: Memory;

  constructor(
    memory: Memory,
    readonly shape: CacheShape,
  ) {
    this.#memory = memory;
  }

  bytesFor(capacity: number): number {
    return cacheBytes(this.shape, capacity);
  }

  allocate(capacity: number): HeapKvBuffer {
    return new HeapKvBuffer(this.#memory, this.shape, capacity);
  }
}

/** Per layer a `[capacity, width]` block of keys, then one of values, one after the other. */
export class HeapKvBuffer implements KvBuffer<HeapKvBuffer> {
  readonly #memory: Memory;
  readonly #shape: CacheShape;
  readonly #address: number;

  constructor(
    memory: Memory,
    shape: CacheShape,
    readonly capacity: number,
  ) {
    this.#memory = memory;
    this.#shape = shape;
    const bytes = cacheBytes(shape, capacity);
    this.#address = memory.allocate(bytes);
    // Rows after the last token are masked, so they are multiplied by 0 and must be finite. In words: V8 fills shared memory number by number.
    new Float64Array(memory.bytes.buffer, this.#address, bytes / Float64Array.BYTES_PER_ELEMENT).fill(0);
  }

  /** Where a layer's keys, or values, begin. */
  address(layer: number, kind: "key" | "value"): number {
    return this.#blockAddress(2 * layer + (kind === "key" ? 0 : 1));
  }

  copyFrom(source: HeapKvBuffer, rows: number): void {
    const bytes = rows * this.#rowBytes;
    for (let block = 0; block < this.#blocks; block++) {
      const from = source.#blockAddress(block);
      this.#memory.bytes.copyWithin(this.#blockAddress(block), from, from + bytes);
    }
  }

  save(start: number, end: number): SavedRows<HeapKvBuffer> {
    const bytes = Math.max(0, end - start) * this.#rowBytes;
    const rows = new Uint8Array(this.#blocks * bytes);
    for (let block = 0; block < this.#blocks; block++) {
      const from = this.#blockAddress(block) + start * this.#rowBytes;
      rows.set(this.#memory.bytes.subarray(from, from + bytes), block * bytes);
    }
    return { restore: (buffer) => buffer.#write(start, rows), [Symbol.dispose]: () => undefined };
  }

  [Symbol.dispose](): void {
    this.#memory.free(this.#address);
  }

  /** @param rows of all blocks, one block after the other */
  #write(start: number, rows: Uint8Array): void {
    const bytes = rows.length / this.#blocks;
    for (let block = 0; block < this.#blocks; block++) {
      const to = this.#blockAddress(block) + start * this.#rowBytes;
      this.#memory.bytes.set(rows.subarray(block * bytes, (block + 1) * bytes), to);
    }
  }

  get #blocks(): number {
    return 2 * this.#shape.layers;
  }

  get #rowBytes(): number {
    return this.#shape.width * floatBytes;
  }

  #blockAddress(block: number): number {
    return this.#address + block * this.capacity * this.#rowBytes;
  }
}

/** Bytes of a cache of `capacity` positions in 32-bit floats. */
export function cacheBytes({ layers, width }: CacheShape, capacity: number): number {
  return 2 * layers * capacity * width * floatBytes;
}
