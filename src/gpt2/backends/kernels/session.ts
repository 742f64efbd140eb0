import type { LoraAdapter } from "../../adapters/adapter";
import type { Gpt2Config } from "../../config/config";
import type { HeapKvBuffer, HeapKvStorage } from "../../kvCache/heapStorage";
import type { KvCache } from "../../kvCache/kvCache";
import type { Branches, CacheSlot, LanguageModel, ModelInfo } from "../../languageModel";
import type { CheckpointTensors, TappedModel } from "../../taps";
import { embedTokens } from "../../weights/embedTokens";
import type { PreparedWeights } from "../../weights/preparedWeights";
import { type BranchRunner, type BranchStep, CachedBranches } from "../cachedBranches";
import { checkStep } from "../checkStep";
import { heapStorage, withCaches } from "../heapCaches";
import { PooledModel } from "../pooledModel";
import { KernelAdapters } from "./adapters";
import { int8Layout, readInt8 } from "./int8Cache";
import { type KernelOptions, KernelRunner, rowsTogether } from "./runner";
import { runTapped } from "./taps";

type Cache = KvCache<HeapKvBuffer>;

/**
 * Opens a model on the kernels.
 * @param prepared its weights in int8, which cannot be used again after that
 * @throws ComputeError when memory runs out
 */
export async function openKernelSession(
  config: Gpt2Config,
  prepared: PreparedWeights,
  options: KernelOptions,
): Promise<KernelSession> {
  const runner = await KernelRunner.open(config, prepared, options, rowsTogether);
  return new KernelSession(runner, options.cacheBudgetBytes);
}

/** As {@link openKernelSession}, for a model that also returns the tensors inside a step of any length. */
export async function openTappedKernelSession(
  config: Gpt2Config,
  prepared: PreparedWeights,
  options: KernelOptions,
): Promise<TappedKernelSession> {
  const runner = await KernelRunner.open(config, prepared, options, config.contextLength);
  return new TappedKernelSession(runner, options.cacheBudgetBytes);
}

/**
 * A GPT-2 in 8 bits on our own kernels. What a token gets is the same, bit for bit, whatever else is in its step, on any number of
 * threads, with and without relaxed SIMD: the integer products are exact, and all float operations of a row have one order.
 */
export class KernelSession extends PooledModel<HeapKvBuffer> implements LanguageModel {
  override readonly addAdapter = (name: string, adapter: LoraAdapter): void => this.#adapters.add(name, adapter);
  protected readonly runner: KernelRunner;
  readonly #storage: HeapKvStorage;
  readonly #adapters: KernelAdapters;
  readonly #branchRunner: BranchRunner<HeapKvBuffer> = {
    maxRows: rowsTogether,
    run: (step) => this.#runBranches(step),
  };

  constructor(runner: KernelRunner, cacheBudgetBytes: number | undefined) {
    const storage = heapStorage(runner.heap, runner.config, int8Layout(runner.config));
    super(runner.config, storage, cacheBudgetBytes);
    this.runner = runner;
    this.#storage = storage;
    this.#adapters = new KernelAdapters(runner.heap, runner.config, runner.plan, runner.largestStep);
  }

  get info(): ModelInfo {
    return this.runner.info;
  }

  /** Bytes of the heap: weights, caches and buffers. */
  get heapBytes(): number {
    return this.runner.heap.bytes.length;
  }

  async forward(slot: CacheSlot, tokens: readonly number[], logitRows = 1): Promise<Float32Array> {
    const { runner } = this;
    const { vocabSize } = this.config;
    const cache = this.pool.cacheOf(slot);
    if (tokens.length === 0) return new Float32Array(0);
    await this.reserve(cache, tokens);
    const logits = runner.logitsFor(logitRows);
    const firstWithLogits = tokens.length - logitRows;
    for (let start = 0; start < tokens.length; start += rowsTogether) {
      const part = tokens.slice(start, start + rowsTogether);
      const first = Math.max(start, firstWithLogits);
      const rows = Math.max(0, start + part.length - first);
      runner.run(this.stepOf(cache, part, rows, logits + 4 * vocabSize * (first - firstWithLogits)));
      this.append(cache, part);
    }
    return runner.heap.floats(logits, logitRows * vocabSize);
  }

  logSumExp(logits: Float32Array): number {
    const { kernels } = this.runner;
    const largest = kernels.largestOfAll(logits.byteOffset, logits.length);
    return largest + Math.log(kernels.sumExp(logits.byteOffset, logits.length, largest));
  }

  branch(slot: CacheSlot, count: number): Branches {
    return CachedBranches.after(this.pool.cacheOf(slot), count, this.#storage, this.#branchRunner);
  }

  async join(slots: readonly CacheSlot[]): Promise<Branches> {
    const caches = slots.map((slot) => this.pool.cacheOf(slot));
    return await CachedBranches.of(caches, this.#storage, this.#branchRunner);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pool[Symbol.dispose]();
    await this.runner[Symbol.asyncDispose]();
  }

  /** The step of tokens that follow those of a cache. @param logits where the logits of the last `logitRows` go */
  protected stepOf(cache: Cache, tokens: readonly number[], logitRows: number, logits: number) {
    const past = cache.length;
    const writeRows = this.#embedder(cache, tokens, (i) => past + i);
    return { rows: tokens.length, writeRows, buffer: cache.buffer, past, logitRows, logits };
  }

  /** What writes the embeddings of a step, with those of the cache's adapter, which is used from then on. */
  #embedder(cache: Cache, tokens: readonly number[], positionOf: (index: number) => number): (x: Float32Array) => void {
    const { embeddings } = this.runner;
    return (x) => {
      this.#adapters.select(cache.adapter);
      embedTokens(embeddings, tokens, positionOf, x);
      this.#adapters.addEmbeddings(tokens, positionOf, x);
    };
  }

  #runBranches({ prefix, tokens, positions, rows }: BranchStep<HeapKvBuffer>): Float32Array {
    const { runner } = this;
    for (const [i, token] of tokens.entries()) checkStep(this.config, positions[i] ?? 0, [token]);
    const logits = runner.logitsFor(tokens.length);
    const writeRows = this.#embedder(prefix, tokens, (i) => positions[i] ?? 0);
    runner.run({ ...this.stepOf(prefix, tokens, tokens.length, logits), writeRows, branches: rows });
    this.countTokens(tokens.length);
    return runner.heap.floats(logits, tokens.length * this.config.vocabSize);
  }
}

/** A {@link KernelSession} that stops after each sublayer to copy its buffers. */
export class TappedKernelSession extends KernelSession implements TappedModel {
  async forwardTapped(slot: CacheSlot, tokens: readonly number[], taps: readonly string[]): Promise<CheckpointTensors> {
    const { config, runner } = this;
    const cache = this.pool.cacheOf(slot);
    await this.reserve(cache, tokens);
    const logits = runner.logitsFor(tokens.length);
    runner.describe(this.stepOf(cache, tokens, tokens.length, logits));
    const tensors = runTapped(runner, cache.buffer, new Set(taps));
    this.append(cache, tokens);
    const view = runner.heap.floats(logits, tokens.length * config.vocabSize);
    const step = { rows: tokens.length, buffer: cache.buffer, length: cache.length };
    return withCaches(tensors, taps, { ...step, config, readCache: readInt8(runner.heap, config), logits: view });
  }
}
