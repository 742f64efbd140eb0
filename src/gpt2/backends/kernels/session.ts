import { CachePool, defaultCacheBudget } from "../../kvCache/cachePool";
import { checkStep } from "../../checkStep";
import { type CheckpointTensors, tap, type TappedModel, type Tensor } from "../../verification/checkpoints/tensors";
import { type Gpt2Config, headWidth } from "../../config/config";
import { ComputeError } from "../../errors";
import { type CacheShape, KvCache } from "../../kvCache/kvCache";
import type { Branches, CacheSlot, CacheSlotInfo, ModelInfo, SlotUse } from "../../languageModel";
import { type Embeddings, embeddingsFrom, type PreparedWeights } from "../../weights/preparedWeights";
import { type BranchStep, KernelBranches } from "./branches";
import { Heap } from "./heap";
import { buildPlan, type Plan } from "./model";
import { compileKernels, instantiateKernels, type Kernels } from "./module";
import { runTapped } from "./taps";
import { kernelsForThisMachine } from "./trial";
import type { KernelThreads } from "./threads";

/** Rows of a step that are computed together; a longer step is computed in parts. Their buffers stay in the processor's cache. */
const rowsTogether = 64;

export interface KernelOptions {
  /** 0: chosen from the machine. One where there are no `kernelThreads`. */
  readonly threads: number;
  readonly kernelThreads: KernelThreads | undefined;
  readonly cacheBudgetBytes: number | undefined;
  /** Makes room for {@link KernelSession.forwardTapped}. */
  readonly taps: boolean;
  /** From `performance.now()`, when opening began. */
  readonly started: number;
  /** Whether to use relaxed SIMD; as is faster unless given. */
  readonly relaxedSimd?: boolean;
}

/**
 * Opens a model on the kernels.
 * @param prepared its weights for the int8 graph
 * @throws ComputeError when memory runs out.
 */
export async function openKernelSession(
  config: Gpt2Config,
  prepared: PreparedWeights,
  options: KernelOptions,
): Promise<KernelSession> {
  const heap = new Heap();
  const threads = options.kernelThreads?.count(options.threads) ?? 1;
  const embeddings = embeddingsFrom(prepared, config);
  const largestStep = options.taps ? config.contextLength : rowsTogether;
  const plan = buildPlan(heap, config, prepared, { threads, largestStep });
  const weightBytes = heap.bytes.length + embeddings.token.bytes + embeddings.position.bytes;
  const { relaxedSimd } = options;
  const module = await (relaxedSimd === undefined ? kernelsForThisMachine() : compileKernels(relaxedSimd));
  const kernels = await instantiateKernels(module, heap.memory);
  const ends: (() => Promise<void>)[] = [];
  for (let thread = 1; thread < threads; thread++) {
    const end = await options.kernelThreads?.start(module, heap.memory, plan.address, thread);
    if (end) ends.push(end);
  }
  const info = {
    backend: "wasm",
    runtime: "kernels",
    precision: "int8",
    threads,
    weightBytes,
    loadMs: performance.now() - options.started,
  } as const;
  return new KernelSession(config, info, heap, kernels, plan, ends, embeddings, options.taps, options.cacheBudgetBytes);
}

/**
 * A GPT-2 in 8 bits on our own kernels. What a token gets is the same, bit for bit, whatever else is in its step, on any number of
 * threads, with and without relaxed SIMD: the integer products are exact, and all float operations of a row have one order.
 */
export class KernelSession implements TappedModel {
  readonly #shape: CacheShape;
  readonly #pool: CachePool;
  #logits = { address: 0, count: 0 };
  #computedTokens = 0;
  #disposed = false;

  constructor(
    readonly config: Gpt2Config,
    readonly info: ModelInfo,
    private readonly heap: Heap,
    private readonly kernels: Kernels,
    private readonly plan: Plan,
    private readonly threadEnds: readonly (() => Promise<void>)[],
    private readonly embeddings: Embeddings,
    private readonly tapped: boolean,
    cacheBudgetBytes: number | undefined,
  ) {
    const { layers, kvHeads, contextLength } = config;
    this.#shape = { layers, width: kvHeads * headWidth(config), contextLength };
    this.#pool = new CachePool(heap, this.#shape, cacheBudgetBytes ?? defaultCacheBudget(this.#shape));
  }

  /** Bytes of the heap: weights, caches and buffers. */
  get heapBytes(): number {
    return this.heap.bytes.length;
  }

  get fullSlots(): number {
    return this.#pool.fullSlots;
  }

  get computedTokens(): number {
    return this.#computedTokens;
  }

  acquire(tokens: readonly number[], use?: SlotUse): CacheSlot {
    return this.#pool.acquire(tokens, use);
  }

  release(slot: CacheSlot): void {
    this.#pool.release(this.#cache(slot));
  }

  rewind(slot: CacheSlot, length: number): void {
    const cache = this.#cache(slot);
    cache.tokens.length = Math.min(cache.length, Math.max(0, length));
  }

  forward(slot: CacheSlot, tokens: readonly number[], logitRows = 1): Promise<Float32Array> {
    return promised(() => {
      const { vocabSize } = this.config;
      const cache = this.#cache(slot);
      if (tokens.length === 0) return new Float32Array(0);
      this.#reserve(cache, tokens);
      const logits = this.#logitsFor(logitRows);
      const firstWithLogits = tokens.length - logitRows;
      for (let start = 0; start < tokens.length; start += rowsTogether) {
        const part = tokens.slice(start, start + rowsTogether);
        const first = Math.max(start, firstWithLogits);
        const rows = Math.max(0, start + part.length - first);
        this.#describe(cache, part, rows, logits + 4 * vocabSize * (first - firstWithLogits));
        this.kernels.step(this.plan.address);
        this.#append(cache, part);
      }
      return this.heap.floats(logits, logitRows * vocabSize);
    });
  }

  forwardTapped(slot: CacheSlot, tokens: readonly number[], taps: readonly string[]): Promise<CheckpointTensors> {
    return promised(() => {
      if (!this.tapped) throw new ComputeError("The model was not opened with taps.");
      const { config, heap } = this;
      const cache = this.#cache(slot);
      this.#reserve(cache, tokens);
      const logits = this.#logitsFor(tokens.length);
      this.#describe(cache, tokens, tokens.length, logits);
      const tensors = new Map(runTapped(config, heap, this.kernels, this.plan, cache, new Set(taps)));
      this.#append(cache, tokens);
      const data = heap.floats(logits, tokens.length * config.vocabSize).slice();
      tensors.set(tap.logits, { shape: [tokens.length, config.vocabSize], data });
      for (let layer = 0; layer < config.layers; layer++) {
        tensors.set(tap.cachedKeys(layer), this.#cached(cache, layer, "key"));
        tensors.set(tap.cachedValues(layer), this.#cached(cache, layer, "value"));
      }
      return new Map(taps.flatMap((name) => entry(name, tensors.get(name))));
    });
  }

  branch(slot: CacheSlot, count: number): Branches {
    return new KernelBranches(this.#cache(slot), count, { heap: this.heap, shape: this.#shape }, rowsTogether, (step) =>
      promised(() => this.#runBranches(step)),
    );
  }

  slots(): readonly CacheSlotInfo[] {
    return this.#pool.slots();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#pool[Symbol.dispose]();
    this.kernels.end(this.plan.address);
    await Promise.all(this.threadEnds.map((ended) => ended()));
  }

  /** Makes room for a step. */
  #reserve(cache: KvCache, tokens: readonly number[]): void {
    checkStep(this.config, cache.length, tokens);
    this.#pool.reserve(cache, cache.length + tokens.length);
  }

  #runBranches({ prefix, tokens, positions, branches }: BranchStep): Float32Array {
    for (const [i, token] of tokens.entries()) checkStep(this.config, positions[i] ?? 0, [token]);
    const logits = this.#logitsFor(tokens.length);
    this.#describe(prefix, tokens, tokens.length, logits, { positions, branches });
    this.kernels.step(this.plan.address);
    this.#computedTokens += tokens.length;
    return this.heap.floats(logits, tokens.length * this.config.vocabSize);
  }

  /**
   * Writes the step into the plan, and the tokens' embeddings into its buffer.
   * @param rows where the rows are, when each is of another sequence
   */
  #describe(
    cache: KvCache,
    tokens: readonly number[],
    logitRows: number,
    logits: number,
    rows?: Pick<BranchStep, "positions" | "branches">,
  ): void {
    const { width, layers } = this.config;
    const past = cache.length;
    const x = this.heap.floats(this.plan.get("x"), tokens.length * width).fill(0);
    tokens.forEach((token, i) => {
      this.embeddings.token.addRow(token, x, i * width);
      this.embeddings.position.addRow(rows?.positions[i] ?? past + i, x, i * width);
    });
    this.plan.set({
      rows: tokens.length,
      past,
      branches: rows?.branches ?? 0,
      cache: cache.address(0, "key"),
      cacheBlockBytes: cache.address(0, "value") - cache.address(0, "key"),
      firstSublayer: 0,
      endSublayer: 2 * layers,
      logitRows,
      logits,
      tappedScores: 0,
    });
  }

  /** Memory for logits; what was in it may be lost. */
  #logitsFor(rows: number): number {
    const count = rows * this.config.vocabSize;
    if (count > this.#logits.count) {
      this.heap.free(this.#logits.address);
      this.#logits = { address: this.heap.allocate(4 * count), count };
    }
    return this.#logits.address;
  }

  #append(cache: KvCache, tokens: readonly number[]): void {
    cache.tokens.push(...tokens);
    this.#computedTokens += tokens.length;
  }

  #cached(cache: KvCache, layer: number, kind: "key" | "value"): Tensor {
    const shape = [cache.length, this.config.kvHeads, headWidth(this.config)];
    const count = cache.length * this.config.kvHeads * headWidth(this.config);
    return { shape, data: this.heap.floats(cache.address(layer, kind), count).slice() };
  }

  #cache(slot: CacheSlot): KvCache {
    if (slot instanceof KvCache && this.#pool.has(slot)) return slot;
    throw new ComputeError(`Cache slot ${slot.id} is no longer in memory.`);
  }
}

function entry(name: string, tensor: Tensor | undefined): [string, Tensor][] {
  return tensor ? [[name, tensor]] : [];
}

/** The kernels run at once, but a caller is to see what is thrown as the promise's. */
function promised<T>(compute: () => T): Promise<T> {
  return new Promise((resolve) => resolve(compute()));
}
