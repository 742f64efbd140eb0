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

/**
 * How a backend has keys and values in memory: as streams, one after the other. Each holds a part of what belongs to a position, for all
 * positions in their order.
 */
export interface HeapLayout {
  /** Positions that cannot be divided, at most 16: what is before and after one of them may be between its bytes. */
  readonly group: number;
  /** Bytes that each stream has for a group. */
  readonly streams: readonly number[];
  /** Bytes after the last stream that are read, with no effect. */
  readonly readAhead: number;
}

/** 32-bit floats: per layer a `[capacity, width]` stream of keys, then one of values. */
export function floatLayout({ layers, width }: CacheShape): HeapLayout {
  return { group: 1, streams: new Array<number>(2 * layers).fill(width * floatBytes), readAhead: 0 };
}

/** The stream of {@link floatLayout} with a layer's keys, or values. */
export function floatStream(layer: number, kind: "key" | "value"): number {
  return 2 * layer + (kind === "key" ? 0 : 1);
}

/** Keys and values in a WASM heap. */
export class HeapKvStorage implements KvStorage<HeapKvBuffer> {
  readonly #memory: Memory;
  readonly #layout: HeapLayout;
  readonly #groupBytes: number;

  constructor(
    memory: Memory,
    readonly shape: CacheShape,
    layout = floatLayout(shape),
  ) {
    this.#memory = memory;
    this.#layout = layout;
    this.#groupBytes = groupSize(layout);
  }

  bytesFor(capacity: number): number {
    return (capacity / this.#layout.group) * this.#groupBytes;
  }

  allocate(capacity: number): HeapKvBuffer {
    return new HeapKvBuffer(this.#memory, this.#layout, capacity);
  }
}

/** Keys and values of `capacity` positions, a multiple of the layout's group. */
export class HeapKvBuffer implements KvBuffer<HeapKvBuffer> {
  readonly #memory: Memory;
  readonly #layout: HeapLayout;
  readonly #address: number;

  constructor(
    memory: Memory,
    layout: HeapLayout,
    readonly capacity: number,
  ) {
    this.#memory = memory;
    this.#layout = layout;
    const bytes = layoutBytes(layout, capacity);
    this.#address = memory.allocate(bytes + layout.readAhead);
    // Rows after the last token are masked, so they are multiplied by 0 and must be finite. In words: V8 fills shared memory number by number.
    new Float64Array(memory.bytes.buffer, this.#address, bytes / Float64Array.BYTES_PER_ELEMENT).fill(0);
  }

  /** Where a stream begins. */
  address(stream: number): number {
    const before = this.#layout.streams.slice(0, stream).reduce((sum, bytes) => sum + bytes, 0);
    return this.#address + this.#groups(this.capacity) * before;
  }

  copyFrom(source: HeapKvBuffer, rows: number): void {
    const { bytes } = this.#memory;
    const groups = this.#groups(rows);
    let to = this.#address;
    let from = source.#address;
    for (const groupBytes of this.#layout.streams) {
      bytes.copyWithin(to, from, from + groups * groupBytes);
      to += this.#groups(this.capacity) * groupBytes;
      from += this.#groups(source.capacity) * groupBytes;
    }
  }

  /** As `KvBuffer.save`, with the whole groups that the positions are in. */
  save(start: number, end: number): SavedRows<HeapKvBuffer> {
    const first = Math.floor(start / this.#layout.group);
    const groups = Math.max(0, this.#groups(end) - first);
    const rows = new Uint8Array(groups * groupSize(this.#layout));
    this.#exchange(first, groups, rows, (saved, held) => saved.set(held));
    return {
      restore: (buffer) => buffer.#exchange(first, groups, rows, (saved, held) => held.set(saved)),
      [Symbol.dispose]: () => undefined,
    };
  }

  [Symbol.dispose](): void {
    this.#memory.free(this.#address);
  }

  /** Hands over the bytes of some groups, stream by stream. @param rows of all streams, one after the other */
  #exchange(
    first: number,
    groups: number,
    rows: Uint8Array,
    copy: (saved: Uint8Array, held: Uint8Array) => void,
  ): void {
    const { bytes } = this.#memory;
    let stream = this.#address;
    let at = 0;
    for (const groupBytes of this.#layout.streams) {
      const from = stream + first * groupBytes;
      const length = groups * groupBytes;
      copy(rows.subarray(at, at + length), bytes.subarray(from, from + length));
      stream += this.#groups(this.capacity) * groupBytes;
      at += length;
    }
  }

  /** Groups that the first `rows` positions are in. */
  #groups(rows: number): number {
    return Math.ceil(rows / this.#layout.group);
  }
}

function groupSize({ streams }: HeapLayout): number {
  return streams.reduce((sum, bytes) => sum + bytes, 0);
}

function layoutBytes(layout: HeapLayout, capacity: number): number {
  return (capacity / layout.group) * groupSize(layout);
}

/** Bytes of a cache of `capacity` positions in 32-bit floats. */
export function cacheBytes(shape: CacheShape, capacity: number): number {
  return layoutBytes(floatLayout(shape), capacity);
}
