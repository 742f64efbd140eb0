import { ComputeError } from "../../errors";
import type { Memory } from "../../kvCache/heapStorage";

const pageBytes = 2 ** 16;
/** All that 32-bit addresses reach. */
const mostPages = 2 ** 16;
/** A cache line of the processor. */
const alignment = 64;
/** At the start: for the constants of the kernels, see `assembly/constants.ts`. */
export const reservedBytes = 4096;

interface Range {
  start: number;
  end: number;
}

/**
 * The kernels' memory: a shared WebAssembly memory with an allocator. It holds few, large blocks, so the free ranges are a list, of which
 * the first that is long enough is used.
 */
export class Heap implements Memory {
  readonly memory: WebAssembly.Memory;
  /** Sorted; adjacent ranges are merged. */
  readonly #free: Range[] = [{ start: reservedBytes, end: pageBytes }];
  readonly #used = new Map<number, number>();
  #bytes: Uint8Array;

  /** @param pages of 64 KB that it may grow to */
  constructor(pages = mostPages) {
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: pages, shared: true });
    this.#bytes = new Uint8Array(this.memory.buffer);
  }

  get bytes(): Uint8Array {
    if (this.#bytes.buffer !== this.memory.buffer) this.#bytes = new Uint8Array(this.memory.buffer);
    return this.#bytes;
  }

  floats(address: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, count);
  }

  /** 32-bit numbers. Without a sign: half of the addresses would be negative otherwise. */
  words(address: number, count: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, count);
  }

  /**
   * Reserves memory, at a multiple of 64. What is in it is anything.
   * @throws ComputeError when the heap (4 GiB at most) or the machine has no more.
   */
  allocate(bytes: number): number {
    const length = Math.max(1, Math.ceil(bytes / alignment)) * alignment;
    const index = this.#free.findIndex(({ start, end }) => end - start >= length);
    const range = this.#free[index] ?? this.#grow(length);
    const address = range.start;
    range.start += length;
    if (range.start === range.end) this.#free.splice(this.#free.indexOf(range), 1);
    this.#used.set(address, length);
    return address;
  }

  free(address: number): void {
    const length = this.#used.get(address);
    if (length === undefined) return;
    this.#used.delete(address);
    this.#release({ start: address, end: address + length });
  }

  /** Makes the last free range at least `length` long. */
  #grow(length: number): Range {
    const size = this.memory.buffer.byteLength;
    const last = this.#free.at(-1);
    const there = last?.end === size ? size - last.start : 0;
    const pages = Math.ceil((length - there) / pageBytes);
    try {
      this.memory.grow(pages);
    } catch {
      const megabytes = Math.ceil(length / 2 ** 20);
      throw new ComputeError(`The model needs ${megabytes} MB more than there is memory for. Choose a smaller model.`);
    }
    return this.#release({ start: size, end: size + pages * pageBytes });
  }

  /** Adds a free range, joined with those that it touches. */
  #release(range: Range): Range {
    const at = this.#free.findIndex(({ start }) => start > range.start);
    const index = at === -1 ? this.#free.length : at;
    const before = this.#free[index - 1];
    const after = this.#free[index];
    let joined = range;
    if (before?.end === range.start) {
      before.end = range.end;
      joined = before;
    } else {
      this.#free.splice(index, 0, range);
    }
    if (after?.start === joined.end) {
      joined.end = after.end;
      this.#free.splice(this.#free.indexOf(after), 1);
    }
    return joined;
  }
}
