import { ComputeError } from "../errors";
import type { CacheSlot, CacheSlotInfo, SlotUse } from "../languageModel";
import { KvCache } from "./kvCache";
import { capacityFor, type KvBuffer, type KvStorage, type SavedRows, usualGrowth } from "./storage";

/** Recomputing so few tokens is cheaper than a second copy of the rest. */
const cheapTokens = 64;

/**
 * The cache budget in bytes unless it is set: four sequences of full length (two documents, and for one of them the next window
 * and another text after the cursor), but at most 512 MB.
 * @param sequenceBytes of one of them
 */
export function defaultCacheBudget(sequenceBytes: number): number {
  return Math.min(4 * sequenceBytes, 512 * 2 ** 20);
}

interface Snapshot<Buffer> {
  readonly tokens: readonly number[];
  readonly overwritten: SavedRows<Buffer>[];
}

/** The sequences that a model has in memory, within a budget; the least recently used is evicted first. */
export class CachePool<Buffer extends KvBuffer<Buffer>> implements Disposable {
  readonly #storage: KvStorage<Buffer>;
  readonly #budgetBytes: number;
  readonly #caches = new Set<KvCache<Buffer>>();
  /** Caches that a request holds: they are neither rolled back nor evicted. */
  readonly #held = new Set<KvCache<Buffer>>();
  /** Of held caches that get their content back on release: what that was. */
  readonly #snapshots = new Map<KvCache<Buffer>, Snapshot<Buffer>>();
  #nextId = 1;

  /** @param budgetBytes for all caches together; one is kept however large it is. */
  constructor(storage: KvStorage<Buffer>, budgetBytes: number) {
    this.#storage = storage;
    this.#budgetBytes = budgetBytes;
  }

  /** See `LanguageModel.fullSlots`. */
  get fullSlots(): number {
    return Math.max(1, Math.floor(this.#budgetBytes / this.#bytesFor(this.#storage.shape.contextLength)));
  }

  /** See `LanguageModel.acquire`. */
  async acquire(tokens: readonly number[], use: SlotUse = "continue", adapter?: string): Promise<PooledSlot<Buffer>> {
    const [source, common] = this.#longestPrefix(tokens, adapter);
    const looks = use === "look" && tokens.length - common <= cheapTokens;
    const mayLose = looks ? Infinity : use === "branch" ? 0 : Math.max(cheapTokens, common);
    const cache = source && this.#mayUse(source, common, mayLose) ? source : await this.#copy(source, common, adapter);
    if (looks && cache.length > common) this.#snapshots.set(cache, { tokens: [...cache.tokens], overwritten: [] });
    cache.tokens.length = common;
    cache.lastUsed = performance.now();
    this.#held.add(cache);
    return new PooledSlot(cache, () => this.#release(cache));
  }

  /**
   * The cache of a slot that this pool handed out.
   * @throws ComputeError when the slot was disposed
   */
  cacheOf(slot: CacheSlot): KvCache<Buffer> {
    if (slot instanceof PooledSlot && !slot.released) {
      const { cache } = slot as PooledSlot<Buffer>;
      if (this.#held.has(cache)) return cache;
    }
    throw new ComputeError(`Cache slot ${slot.id} is no longer in memory.`);
  }

  /** See `LanguageModel.rewind`. */
  rewind(slot: CacheSlot, length: number): void {
    const cache = this.cacheOf(slot);
    cache.tokens.length = Math.min(cache.length, Math.max(0, length));
  }

  /** Prepares a cache for a step that makes it `length` positions long. Other caches are evicted when the budget is exceeded. */
  async reserve(cache: KvCache<Buffer>, length: number): Promise<void> {
    cache.lastUsed = performance.now();
    const snapshot = this.#snapshots.get(cache);
    const overwritten = Math.min(length, snapshot?.tokens.length ?? 0);
    if (overwritten > cache.length) snapshot?.overwritten.push(cache.save(cache.length, overwritten));
    if (length <= cache.capacity) return;
    this.#evict(this.#bytesFor(length) - cache.bytes, cache);
    await cache.reserve(length);
  }

  slots(): readonly CacheSlotInfo[] {
    const now = performance.now();
    return Array.from(this.#caches, ({ id, length, capacity, bytes, lastUsed, adapter }) => {
      return { id, length, capacity, bytes, idleMs: now - lastUsed, ...(adapter !== undefined && { adapter }) };
    });
  }

  [Symbol.dispose](): void {
    for (const cache of this.#caches) cache[Symbol.dispose]();
    this.#caches.clear();
    this.#held.clear();
    for (const { overwritten } of this.#snapshots.values()) overwritten.forEach((rows) => rows[Symbol.dispose]());
    this.#snapshots.clear();
  }

  #release(cache: KvCache<Buffer>): void {
    this.#held.delete(cache);
    const snapshot = this.#snapshots.get(cache);
    if (!snapshot) return;
    this.#snapshots.delete(cache);
    // Of rows that were overwritten twice, the first content is restored last.
    for (const rows of snapshot.overwritten.toReversed()) {
      rows.restore(cache.buffer);
      rows[Symbol.dispose]();
    }
    cache.tokens.splice(0, cache.length, ...snapshot.tokens);
  }

  /** The adapter's cache with the longest common prefix, at most `tokens.length - 1`; on a tie the shortest. */
  #longestPrefix(
    tokens: readonly number[],
    adapter: string | undefined,
  ): [cache: KvCache<Buffer> | undefined, common: number] {
    let best: KvCache<Buffer> | undefined;
    let longest = 0;
    for (const cache of this.#caches) {
      if (cache.adapter !== adapter) continue;
      const common = commonPrefix(cache.tokens, tokens, tokens.length - 1);
      if (best === undefined || common > longest || (common === longest && cache.length < best.length)) {
        best = cache;
        longest = common;
      }
    }
    return [best, longest];
  }

  /**
   * Whether a cache is used in place: nobody holds it, and rolling it back loses little or another one would exceed the budget.
   * @param mayLose tokens that may be rolled back
   */
  #mayUse(cache: KvCache<Buffer>, common: number, mayLose: number): boolean {
    if (this.#held.has(cache)) return false;
    if (cache.length - common <= mayLose) return true;
    if (common === 0) return false;
    const bytes = this.#bytesFor(common + 1);
    const kept = Array.from(this.#caches).filter((other) => other === cache || this.#held.has(other));
    return kept.reduce((sum, { bytes }) => sum + bytes, bytes) > this.#budgetBytes;
  }

  /** A new cache with the first `common` tokens of `source`. */
  async #copy(source: KvCache<Buffer> | undefined, common: number, adapter?: string): Promise<KvCache<Buffer>> {
    this.#evict(this.#bytesFor(common + 1), common > 0 ? source : undefined);
    const cache = new KvCache(this.#nextId++, this.#storage, usualGrowth, adapter);
    if (source && common > 0) await cache.copyPrefix(source, common);
    this.#caches.add(cache);
    return cache;
  }

  /** Evicts the least recently used caches that nobody holds, but not `keep`, until `bytes` more are within the budget. */
  #evict(bytes: number, keep: KvCache<Buffer> | undefined): void {
    const oldestFirst = Array.from(this.#caches).sort((a, b) => a.lastUsed - b.lastUsed);
    for (const cache of oldestFirst) {
      if (this.#usedBytes() + bytes <= this.#budgetBytes) return;
      if (cache === keep || this.#held.has(cache)) continue;
      cache[Symbol.dispose]();
      this.#caches.delete(cache);
    }
  }

  #bytesFor(length: number): number {
    return this.#storage.bytesFor(capacityFor(this.#storage.shape, length));
  }

  #usedBytes(): number {
    let bytes = 0;
    for (const cache of this.#caches) bytes += cache.bytes;
    return bytes;
  }
}

/** A cache that is a caller's alone until the slot is disposed. */
export class PooledSlot<Buffer extends KvBuffer<Buffer>> implements CacheSlot {
  readonly #release: () => void;
  #released = false;

  constructor(
    readonly cache: KvCache<Buffer>,
    release: () => void,
  ) {
    this.#release = release;
  }

  get id(): number {
    return this.cache.id;
  }

  get tokens(): readonly number[] {
    return this.cache.tokens;
  }

  get released(): boolean {
    return this.#released;
  }

  [Symbol.dispose](): void {
    if (this.#released) return;
    this.#released = true;
    this.#release();
  }
}

/** Length of the common prefix of two token lists, at most `limit`. */
export function commonPrefix(a: readonly number[], b: readonly number[], limit = Infinity): number {
  const end = Math.min(a.length, b.length, limit);
  let length = 0;
  while (length < end && a[length] === b[length]) length++;
  return length;
}
