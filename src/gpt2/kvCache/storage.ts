/** What the caches of one model have in common. */
export interface CacheShape {
  readonly layers: number;
  /** Numbers in a key, or a value, of one position: kvHeads·hd. */
  readonly width: number;
  readonly contextLength: number;
}

/**
 * Keys and values of `capacity` positions, for all layers. Operations take effect in the order in which they are called and before any
 * step that runs later, but need not have finished when they return: a GPU queues its copies.
 */
export interface KvBuffer<Self> extends Disposable {
  readonly capacity: number;
  /** Copies the first `rows` positions of another buffer. */
  copyFrom(source: Self, rows: number): void;
  /** Keeps a copy of the positions from `start` to before `end`. */
  save(start: number, end: number): SavedRows<Self>;
}

/** Positions that were saved from a buffer. Disposing them frees the copy. */
export interface SavedRows<Buffer> extends Disposable {
  /** Writes them back to where they were, in that buffer or in a larger one that took its place. */
  restore(buffer: Buffer): void;
}

/** Where a backend keeps keys and values: the WASM heap, or GPU memory. */
export interface KvStorage<Buffer extends KvBuffer<Buffer>> {
  readonly shape: CacheShape;
  /** Size of a buffer, in bytes. */
  bytesFor(capacity: number): number;
  /**
   * A buffer of zeros.
   * @throws ComputeError when there is no more memory
   */
  allocate(capacity: number): Buffer | Promise<Buffer>;
}

/** Positions by which a slot grows. */
export const usualGrowth = 512;
/** What the number of positions that a step attends to is a multiple of, see `buildGraph`. */
const alignment = 16;

/** Positions that a cache for `length` positions has: the next step of growth, but hardly more than the model's context. */
export function capacityFor({ contextLength }: CacheShape, length: number, growth = usualGrowth): number {
  return Math.min(Math.ceil(length / growth) * growth, alignedLength(contextLength));
}

/** Positions that a step attends to when it needs `length`: the rest is masked. */
export function alignedLength(length: number): number {
  return Math.ceil(length / alignment) * alignment;
}
