import type { CacheShape, KvBuffer, KvStorage, SavedRows } from "../../kvCache/storage";
import type { GpuRuntime } from "./gpuRuntime";

/** How keys and values lie in GPU memory. */
export interface GpuCacheShape extends CacheShape {
  readonly kvHeads: number;
  readonly elementBytes: 2 | 4;
}

/** Keys and values in GPU memory, which they never leave. */
export class GpuKvStorage implements KvStorage<GpuKvBuffer> {
  readonly #runtime: GpuRuntime;

  constructor(
    runtime: GpuRuntime,
    readonly shape: GpuCacheShape,
  ) {
    this.#runtime = runtime;
  }

  bytesFor(capacity: number): number {
    return 2 * this.shape.layers * blockBytes(this.shape, capacity);
  }

  async allocate(capacity: number): Promise<GpuKvBuffer> {
    const sizes = new Array<number>(2 * this.shape.layers).fill(blockBytes(this.shape, capacity));
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    return new GpuKvBuffer(this.#runtime, this.shape, capacity, await this.#runtime.allocate(sizes, usage));
  }
}

/** Per layer a block of keys `[kvHeads, capacity, hd]` and one of values: what ONNX Runtime's attention reads and appends to in place. */
export class GpuKvBuffer implements KvBuffer<GpuKvBuffer> {
  readonly #runtime: GpuRuntime;
  readonly #shape: GpuCacheShape;
  readonly #blocks: readonly GPUBuffer[];

  /** @param blocks of layer 0 the keys and the values, of layer 1 the keys, and so on */
  constructor(
    runtime: GpuRuntime,
    shape: GpuCacheShape,
    readonly capacity: number,
    blocks: readonly GPUBuffer[],
  ) {
    this.#runtime = runtime;
    this.#shape = shape;
    this.#blocks = blocks;
  }

  /** The keys, or the values, of a layer. */
  block(layer: number, kind: "key" | "value"): GPUBuffer {
    const block = this.#blocks[2 * layer + (kind === "key" ? 0 : 1)];
    if (!block) throw new RangeError(`There is no layer ${layer}.`);
    return block;
  }

  copyFrom(source: GpuKvBuffer, rows: number): void {
    const { kvHeads } = this.#shape;
    const row = this.#rowBytes;
    this.#runtime.submit((encoder) => {
      this.#blocks.forEach((block, index) => {
        const from = source.#blocks[index];
        if (!from) return;
        for (let head = 0; head < kvHeads; head++) {
          const start = head * source.capacity * row;
          encoder.copyBufferToBuffer(from, start, block, head * this.capacity * row, rows * row);
        }
      });
    });
  }

  save(start: number, end: number): SavedRows<GpuKvBuffer> {
    const { kvHeads } = this.#shape;
    const bytes = Math.max(0, end - start) * this.#rowBytes;
    const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const copy = this.#runtime.device.createBuffer({ size: Math.max(4, this.#blocks.length * kvHeads * bytes), usage });
    const each = (buffer: GpuKvBuffer, move: (block: GPUBuffer, at: number, copyAt: number) => void) => {
      buffer.#blocks.forEach((block, index) => {
        for (let head = 0; head < kvHeads; head++) {
          move(block, (head * buffer.capacity + start) * this.#rowBytes, (index * kvHeads + head) * bytes);
        }
      });
    };
    this.#runtime.submit((encoder) =>
      each(this, (block, at, copyAt) => encoder.copyBufferToBuffer(block, at, copy, copyAt, bytes)),
    );
    const restore = (buffer: GpuKvBuffer) =>
      this.#runtime.submit((encoder) =>
        each(buffer, (block, at, copyAt) => encoder.copyBufferToBuffer(copy, copyAt, block, at, bytes)),
      );
    return { restore, [Symbol.dispose]: () => copy.destroy() };
  }

  [Symbol.dispose](): void {
    for (const block of this.#blocks) block.destroy();
  }

  /** Bytes of a position of one head. */
  get #rowBytes(): number {
    const { width, kvHeads, elementBytes } = this.#shape;
    return (width / kvHeads) * elementBytes;
  }
}

/** Bytes of one layer's keys, or values. */
function blockBytes({ width, elementBytes }: GpuCacheShape, capacity: number): number {
  return capacity * width * elementBytes;
}
