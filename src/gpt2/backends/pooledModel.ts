import type { Gpt2Config } from "../config/config";
import { CachePool, defaultCacheBudget } from "../kvCache/cachePool";
import type { KvBuffer, KvStorage } from "../kvCache/storage";
import type { CacheSlot, CacheSlotInfo, SlotUse } from "../languageModel";

/** The part of a language model that is the same whatever computes: its slots. */
export abstract class PooledModel<Buffer extends KvBuffer<Buffer>> {
  protected readonly pool: CachePool<Buffer>;
  #computedTokens = 0;

  /** @param cacheBudgetBytes by the model's size unless given */
  constructor(
    readonly config: Gpt2Config,
    storage: KvStorage<Buffer>,
    cacheBudgetBytes: number | undefined,
  ) {
    this.pool = new CachePool(storage, cacheBudgetBytes ?? defaultCacheBudget(storage.shape));
  }

  get fullSlots(): number {
    return this.pool.fullSlots;
  }

  get computedTokens(): number {
    return this.#computedTokens;
  }

  acquire(tokens: readonly number[], use?: SlotUse): Promise<CacheSlot> {
    return this.pool.acquire(tokens, use);
  }

  rewind(slot: CacheSlot, length: number): void {
    this.pool.rewind(slot, length);
  }

  slots(): readonly CacheSlotInfo[] {
    return this.pool.slots();
  }

  /** Adds to {@link computedTokens}. */
  protected countTokens(tokens: number): void {
    this.#computedTokens += tokens;
  }
}
