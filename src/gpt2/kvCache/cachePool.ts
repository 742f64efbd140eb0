import { cacheBytes, type CacheShape, capacityFor, KvCache, type Memory } from "./kvCache";
import type { CacheSlotInfo, SlotUse } from "../languageModel";

/** So few tokens are computed again sooner than a second copy of the rest is worth. */
const cheapTokens = 64;

/**
 * Bytes for the caches when nobody has set them: four sequences of full length (two documents, and for one of them the next window
 * and another text behind the cursor), but not more than 512 MB.
 */
export function defaultCacheBudget(shape: CacheShape): number {
  return Math.min(4 * cacheBytes(shape, capacityFor(shape, shape.contextLength)), 512 * 2 ** 20);
}

interface Held {
  readonly tokens: readonly number[];
  readonly overwritten: { readonly start: number; readonly rows: Uint8Array }[];
}

/** The sequences that a model has in memory, within a budget; the least recently used one goes first. */
export class CachePool implements Disposable {
  readonly #slots = new Set<KvCache>();
  /** Those that a request holds: they are neither cut nor dropped. */
  readonly #lent = new Set<KvCache>();
  /** Of those that are only looked at, what they held and what of it has been overwritten. */
  readonly #held = new Map<KvCache, Held>();
  #nextId = 1;

  /** @param budgetBytes for all slots together; one slot is kept however large it is. */
  constructor(
    private readonly memory: Memory,
    private readonly shape: CacheShape,
    private readonly budgetBytes: number,
  ) {}

  /** See `LanguageModel.fullSlots`. */
  get fullSlots(): number {
    return Math.max(1, Math.floor(this.budgetBytes / this.#bytesFor(this.shape.contextLength)));
  }

  /** See `LanguageModel.acquire`. */
  acquire(tokens: readonly number[], use: SlotUse = "continue"): KvCache {
    const [source, common] = this.#longestPrefix(tokens);
    const looks = use === "look" && tokens.length - common <= cheapTokens;
    const slot = source && this.#mayUse(source, common, looks) ? source : this.#copy(source, common);
    if (looks && slot.length > common) this.#held.set(slot, { tokens: [...slot.tokens], overwritten: [] });
    slot.tokens.length = common;
    slot.lastUsed = performance.now();
    this.#lent.add(slot);
    return slot;
  }

  /** See `LanguageModel.release`. */
  release(slot: KvCache): void {
    this.#lent.delete(slot);
    const held = this.#held.get(slot);
    if (!held) return;
    this.#held.delete(slot);
    // Of rows that were overwritten twice, what was there first is put back last.
    for (const { start, rows } of held.overwritten.toReversed()) slot.putRows(start, rows);
    slot.tokens.splice(0, slot.length, ...held.tokens);
  }

  /** Whether a slot is still in memory. */
  has(slot: KvCache): boolean {
    return this.#slots.has(slot);
  }

  /** Readies a slot for a step that makes it `length` positions long. Room is made at the expense of the least recently used others. */
  reserve(slot: KvCache, length: number): void {
    slot.lastUsed = performance.now();
    const held = this.#held.get(slot);
    if (held) {
      const rows = slot.rows(slot.length, Math.min(length, held.tokens.length));
      if (rows.length > 0) held.overwritten.push({ start: slot.length, rows });
    }
    if (length <= slot.capacity) return;
    this.#makeRoom(this.#bytesFor(length) - slot.bytes, slot);
    slot.reserve(length);
  }

  slots(): readonly CacheSlotInfo[] {
    const now = performance.now();
    return Array.from(this.#slots, ({ id, length, capacity, bytes, lastUsed }) => {
      return { id, length, capacity, bytes, idleMs: now - lastUsed };
    });
  }

  [Symbol.dispose](): void {
    for (const slot of this.#slots) slot[Symbol.dispose]();
    this.#slots.clear();
    this.#lent.clear();
    this.#held.clear();
  }

  /** The slot with the longest common prefix, at most `tokens.length - 1`; on a tie the one that loses least. */
  #longestPrefix(tokens: readonly number[]): [slot: KvCache | undefined, common: number] {
    let best: KvCache | undefined;
    let longest = 0;
    for (const slot of this.#slots) {
      const common = commonPrefix(slot.tokens, tokens, tokens.length - 1);
      if (best === undefined || common > longest || (common === longest && slot.length < best.length)) {
        best = slot;
        longest = common;
      }
    }
    return [best, longest];
  }

  /** Whether a slot is taken as it is: nobody holds it, and little is lost by cutting it or there is no room for another. */
  #mayUse(slot: KvCache, common: number, looks: boolean): boolean {
    if (this.#lent.has(slot)) return false;
    if (looks) return true;
    if (slot.length - common <= Math.max(cheapTokens, common)) return true;
    if (common === 0) return false;
    const bytes = this.#bytesFor(common + 1);
    const kept = Array.from(this.#slots).filter((other) => other === slot || this.#lent.has(other));
    return kept.reduce((sum, { bytes }) => sum + bytes, bytes) > this.budgetBytes;
  }

  /** A new slot with the first `common` tokens of `source`. */
  #copy(source: KvCache | undefined, common: number): KvCache {
    this.#makeRoom(this.#bytesFor(common + 1), common > 0 ? source : undefined);
    const slot = new KvCache(this.#nextId++, this.memory, this.shape);
    if (source && common > 0) slot.copyPrefix(source, common);
    this.#slots.add(slot);
    return slot;
  }

  /** Drops the least recently used slots that nobody holds, but not `keep`, until `bytes` more are within the budget. */
  #makeRoom(bytes: number, keep: KvCache | undefined): void {
    const oldestFirst = Array.from(this.#slots).sort((a, b) => a.lastUsed - b.lastUsed);
    for (const slot of oldestFirst) {
      if (this.#usedBytes() + bytes <= this.budgetBytes) return;
      if (slot === keep || this.#lent.has(slot)) continue;
      slot[Symbol.dispose]();
      this.#slots.delete(slot);
    }
  }

  #bytesFor(length: number): number {
    return cacheBytes(this.shape, capacityFor(this.shape, length));
  }

  #usedBytes(): number {
    let bytes = 0;
    for (const slot of this.#slots) bytes += slot.bytes;
    return bytes;
  }
}

/** Length of the common prefix of two token lists, at most `limit`. */
export function commonPrefix(a: readonly number[], b: readonly number[], limit = Infinity): number {
  const end = Math.min(a.length, b.length, limit);
  let length = 0;
  while (length < end && a[length] === b[length]) length++;
  return length;
}
