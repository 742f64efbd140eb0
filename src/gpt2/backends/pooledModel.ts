import type { LoraAdapter } from "../adapters/adapter";
import type { Gpt2Config } from "../config/config";
import type { KvCache } from "../kvCache/kvCache";
import { CachePool, defaultCacheBudget } from "../kvCache/cachePool";
import { capacityFor, type KvBuffer, type KvStorage } from "../kvCache/storage";
import { checkStep } from "./checkStep";
import { ComputeError } from "../errors";
import type { CacheSlot, CacheSlotInfo, SlotUse } from "../languageModel";

/** The part of a language model that is the same whatever computes: its slots. */
export abstract class PooledModel<Buffer extends KvBuffer<Buffer>> {
  protected readonly pool: CachePool<Buffer>;
  /** See `LanguageModel.addAdapter`: where it is undefined, no slot belongs to an adapter. */
  readonly addAdapter?: (name: string, adapter: LoraAdapter) => void | Promise<void>;
  #computedTokens = 0;

  /** @param cacheBudgetBytes by the model's size unless given */
  constructor(
    readonly config: Gpt2Config,
    storage: KvStorage<Buffer>,
    cacheBudgetBytes: number | undefined,
  ) {
    const { shape } = storage;
    const fullSequence = storage.bytesFor(capacityFor(shape, shape.contextLength));
    this.pool = new CachePool(storage, cacheBudgetBytes ?? defaultCacheBudget(fullSequence));
  }

  get fullSlots(): number {
    return this.pool.fullSlots;
  }

  get computedTokens(): number {
    return this.#computedTokens;
  }

  async acquire(tokens: readonly number[], use?: SlotUse, adapter?: string): Promise<CacheSlot> {
    if (adapter !== undefined && !this.addAdapter) {
      throw new ComputeError("This model cannot add an adapter while it runs: it has to be merged into the weights.");
    }
    return this.pool.acquire(tokens, use, adapter);
  }

  rewind(slot: CacheSlot, length: number): void {
    this.pool.rewind(slot, length);
  }

  slots(): readonly CacheSlotInfo[] {
    return this.pool.slots();
  }

  /** Reserves cache memory for tokens that follow those of a cache. @throws ContextOverflowError, UnknownTokenError */
  protected async reserve(cache: KvCache<Buffer>, tokens: readonly number[]): Promise<void> {
    checkStep(this.config, cache.length, tokens);
    await this.pool.reserve(cache, cache.length + tokens.length);
  }

  /** Appends tokens whose keys and values a step wrote into a cache. */
  protected append(cache: KvCache<Buffer>, tokens: readonly number[]): void {
    cache.tokens.push(...tokens);
    this.countTokens(tokens.length);
  }

  /** Adds to {@link computedTokens}. */
  protected countTokens(tokens: number): void {
    this.#computedTokens += tokens;
  }
}
