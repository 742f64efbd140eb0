import type { CacheShape, KvBuffer, KvStorage, SavedRows } from "../kvCache/storage";
import type { PartBuffer } from "./modelPart";

/** Keys and values of a split model: each part keeps those of its layers. */
export class SplitKvStorage implements KvStorage<SplitKvBuffer> {
  readonly shape: CacheShape;
  readonly #storages: readonly KvStorage<PartBuffer>[];

  /** @param storages those of the parts, at least one */
  constructor(storages: readonly KvStorage<PartBuffer>[]) {
    this.#storages = storages;
    const shapes = storages.map(({ shape }) => shape);
    const { width = 0, contextLength = 0 } = shapes[0] ?? {};
    this.shape = { layers: shapes.reduce((sum, { layers }) => sum + layers, 0), width, contextLength };
  }

  bytesFor(capacity: number): number {
    return this.#storages.reduce((sum, storage) => sum + storage.bytesFor(capacity), 0);
  }

  async allocate(capacity: number): Promise<SplitKvBuffer> {
    const parts: PartBuffer[] = [];
    try {
      for (const storage of this.#storages) parts.push(await storage.allocate(capacity));
    } catch (error) {
      for (const part of parts) part[Symbol.dispose]();
      throw error;
    }
    return new SplitKvBuffer(capacity, parts);
  }
}

/** One buffer in each part. */
export class SplitKvBuffer implements KvBuffer<SplitKvBuffer> {
  constructor(
    readonly capacity: number,
    readonly parts: readonly PartBuffer[],
  ) {}

  /** The buffer of a part. @throws RangeError when there is no such part */
  of(part: number): PartBuffer {
    const buffer = this.parts[part];
    if (!buffer) throw new RangeError(`There is no part ${part}.`);
    return buffer;
  }

  copyFrom(source: SplitKvBuffer, rows: number): void {
    this.parts.forEach((buffer, part) => buffer.copyFrom(source.of(part), rows));
  }

  save(start: number, end: number): SavedRows<SplitKvBuffer> {
    const saved = this.parts.map((buffer) => buffer.save(start, end));
    return {
      restore: (buffer) => saved.forEach((rows, part) => rows.restore(buffer.of(part))),
      [Symbol.dispose]: () => saved.forEach((rows) => rows[Symbol.dispose]()),
    };
  }

  [Symbol.dispose](): void {
    for (const buffer of this.parts) buffer[Symbol.dispose]();
  }
}
