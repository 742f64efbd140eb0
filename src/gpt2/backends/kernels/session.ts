import { type Gpt2Config, headWidth } from "../../config/config";
import { type HeapKvBuffer, HeapKvStorage } from "../../kvCache/heapStorage";
import { KvCache } from "../../kvCache/kvCache";
import type { Branches, CacheSlot, LanguageModel, ModelInfo } from "../../languageModel";
import { type CheckpointTensors, tap, type TappedModel, type Tensor } from "../../taps";
import { type Embeddings, embeddingsFrom, type PreparedWeights } from "../../weights/preparedWeights";
import { checkStep } from "../checkStep";
import { PooledModel } from "../pooledModel";
import { type BranchStep, KernelBranches } from "./branches";
import { Heap } from "./heap";
import { buildPlan, type Plan } from "./model";
import { compileKernels, instantiateKernels, type Kernels } from "./module";
import { runTapped } from "./taps";
import { kernelsForThisMachine } from "./trial";
import type { KernelThreads } from "./threads";

type Cache = KvCache<HeapKvBuffer>;

/** Rows of a step that are computed together; a longer step is computed in parts, each of which reads the weights once. */
const rowsTogether = 256;

/** Positions by which a branch's own cache grows: alternatives are short. */
const tailGrowth = 32;

export interface KernelOptions {
  /** 0: chosen from the machine. One where there are no `kernelThreads`. */
  readonly threads: number;
  readonly kernelThreads: KernelThreads | undefined;
  readonly cacheBudgetBytes: number | undefined;
  /** From `performance.now()`, when opening began. */
  readonly started: number;
  /** Whether to use relaxed SIMD; as is faster unless given. */
  readonly relaxedSimd?: boolean;
}

/**
 * Opens a model on the kernels.
 * @param prepared its weights in int8
 * @throws ComputeError when memory runs out
 */
export async function openKernelSession(
  config: Gpt2Config,
  prepared: PreparedWeights,
  options: KernelOptions,
): Promise<KernelSession> {
  return new KernelSession(await openSession(config, prepared, options, rowsTogether));
}

/** As {@link openKernelSession}, for a model that also returns the tensors inside a step of any length. */
export async function openTappedKernelSession(
  config: Gpt2Config,
  prepared: PreparedWeights,
  options: KernelOptions,
): Promise<TappedKernelSession> {
  return new TappedKernelSession(await openSession(config, prepared, options, config.contextLength));
}

type OpenedSession = Awaited<ReturnType<typeof openSession>>;

async function openSession(
  config: Gpt2Config,
  prepared: PreparedWeights,
  { kernelThreads, relaxedSimd, started, cacheBudgetBytes, ...options }: KernelOptions,
  largestStep: number,
) {
  const heap = new Heap();
  const threads = kernelThreads?.count(options.threads) ?? 1;
  const embeddings = embeddingsFrom(prepared, config);
  const plan = buildPlan(heap, config, prepared, { threads, largestStep });
  const weightBytes = heap.bytes.length + embeddings.token.bytes + embeddings.position.bytes;
  const module = await (relaxedSimd === undefined ? kernelsForThisMachine() : compileKernels(relaxedSimd));
  const kernels = await instantiateKernels(module, heap.memory);
  const threadEnds: (() => Promise<void>)[] = [];
  for (let thread = 1; thread < threads; thread++) {
    const end = await kernelThreads?.start(module, heap.memory, plan.address, thread);
    if (end) threadEnds.push(end);
  }
  const loadMs = performance.now() - started;
  const info = { backend: "kernels", precision: "int8", threads, weightBytes, loadMs } as const;
  return { config, info, heap, kernels, plan, threadEnds, embeddings, cacheBudgetBytes };
}

/**
 * A GPT-2 in 8 bits on our own kernels. What a token gets is the same, bit for bit, whatever else is in its step, on any number of
 * threads, with and without relaxed SIMD: the integer products are exact, and all float operations of a row have one order.
 */
export class KernelSession extends PooledModel<HeapKvBuffer> implements LanguageModel {
  readonly info: ModelInfo;
  protected readonly heap: Heap;
  protected readonly kernels: Kernels;
  protected readonly plan: Plan;
  readonly #threadEnds: readonly (() => Promise<void>)[];
  readonly #embeddings: Embeddings;
  readonly #storage: HeapKvStorage;
  #logits = { address: 0, count: 0 };
  #disposed = false;

  constructor({ config, info, heap, kernels, plan, threadEnds, embeddings, cacheBudgetBytes }: OpenedSession) {
    const { layers, kvHeads, contextLength } = config;
    const storage = new HeapKvStorage(heap, { layers, width: kvHeads * headWidth(config), contextLength });
    super(config, storage, cacheBudgetBytes);
    this.info = info;
    this.heap = heap;
    this.kernels = kernels;
    this.plan = plan;
    this.#threadEnds = threadEnds;
    this.#embeddings = embeddings;
    this.#storage = storage;
  }

  /** Bytes of the heap: weights, caches and buffers. */
  get heapBytes(): number {
    return this.heap.bytes.length;
  }

  async forward(slot: CacheSlot, tokens: readonly number[], logitRows = 1): Promise<Float32Array> {
    const { vocabSize } = this.config;
    const cache = this.pool.cacheOf(slot);
    if (tokens.length === 0) return new Float32Array(0);
    await this.reserve(cache, tokens);
    const logits = this.logitsFor(logitRows);
    const firstWithLogits = tokens.length - logitRows;
    for (let start = 0; start < tokens.length; start += rowsTogether) {
      const part = tokens.slice(start, start + rowsTogether);
      const first = Math.max(start, firstWithLogits);
      const rows = Math.max(0, start + part.length - first);
      this.describe(cache, part, rows, logits + 4 * vocabSize * (first - firstWithLogits));
      this.kernels.step(this.plan.address);
      this.append(cache, part);
    }
    return this.heap.floats(logits, logitRows * vocabSize);
  }

  branch(slot: CacheSlot, count: number): Branches {
    const tails = Array.from({ length: count }, (_, i) => new KvCache(i, this.#storage, tailGrowth));
    return this.#branches(this.pool.cacheOf(slot), tails, tails);
  }

  async join(slots: readonly CacheSlot[]): Promise<Branches> {
    const nothing = new KvCache(0, this.#storage, tailGrowth);
    await nothing.reserve(1);
    const caches = slots.map((slot) => this.pool.cacheOf(slot));
    return this.#branches(nothing, caches, [nothing]);
  }

  #branches(prefix: Cache, tails: readonly Cache[], owned: readonly Disposable[]): Branches {
    return new KernelBranches(prefix, tails, owned, this.heap, rowsTogether, (step) => this.#runBranches(step));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.pool[Symbol.dispose]();
    this.kernels.end(this.plan.address);
    await Promise.all(this.#threadEnds.map((ended) => ended()));
  }

  /** Reserves cache memory for a step. */
  protected async reserve(cache: Cache, tokens: readonly number[]): Promise<void> {
    checkStep(this.config, cache.length, tokens);
    await this.pool.reserve(cache, cache.length + tokens.length);
  }

  #runBranches({ prefix, tokens, positions, branches }: BranchStep): Float32Array {
    for (const [i, token] of tokens.entries()) checkStep(this.config, positions[i] ?? 0, [token]);
    const logits = this.logitsFor(tokens.length);
    this.describe(prefix, tokens, tokens.length, logits, { positions, branches });
    this.kernels.step(this.plan.address);
    this.countTokens(tokens.length);
    return this.heap.floats(logits, tokens.length * this.config.vocabSize);
  }

  /**
   * Writes the step into the plan, and the tokens' embeddings into its buffer.
   * @param rows where the rows are, when each is of another sequence
   */
  protected describe(
    cache: Cache,
    tokens: readonly number[],
    logitRows: number,
    logits: number,
    rows?: Pick<BranchStep, "positions" | "branches">,
  ): void {
    const { width, layers } = this.config;
    const past = cache.length;
    const x = this.heap.floats(this.plan.get("x"), tokens.length * width).fill(0);
    tokens.forEach((token, i) => {
      this.#embeddings.token.addRow(token, x, i * width);
      this.#embeddings.position.addRow(rows?.positions[i] ?? past + i, x, i * width);
    });
    this.plan.set({
      rows: tokens.length,
      past,
      branches: rows?.branches ?? 0,
      cache: cache.buffer.address(0, "key"),
      cacheBlockBytes: cache.buffer.address(0, "value") - cache.buffer.address(0, "key"),
      firstSublayer: 0,
      endSublayer: 2 * layers,
      logitRows,
      logits,
      tappedScores: 0,
    });
  }

  /** Memory for logits; what was in it may be lost. */
  protected logitsFor(rows: number): number {
    const count = rows * this.config.vocabSize;
    if (count > this.#logits.count) {
      this.heap.free(this.#logits.address);
      this.#logits = { address: this.heap.allocate(4 * count), count };
    }
    return this.#logits.address;
  }

  protected append(cache: Cache, tokens: readonly number[]): void {
    cache.tokens.push(...tokens);
    this.countTokens(tokens.length);
  }
}

/** A {@link KernelSession} that stops after each sublayer to copy its buffers. */
export class TappedKernelSession extends KernelSession implements TappedModel {
  async forwardTapped(slot: CacheSlot, tokens: readonly number[], taps: readonly string[]): Promise<CheckpointTensors> {
    const { config, heap } = this;
    const cache = this.pool.cacheOf(slot);
    await this.reserve(cache, tokens);
    const logits = this.logitsFor(tokens.length);
    this.describe(cache, tokens, tokens.length, logits);
    const tensors = new Map(runTapped(config, heap, this.kernels, this.plan, cache, new Set(taps)));
    this.append(cache, tokens);
    const data = heap.floats(logits, tokens.length * config.vocabSize).slice();
    tensors.set(tap.logits, { shape: [tokens.length, config.vocabSize], data });
    for (let layer = 0; layer < config.layers; layer++) {
      tensors.set(tap.cachedKeys(layer), this.#cached(cache, layer, "key"));
      tensors.set(tap.cachedValues(layer), this.#cached(cache, layer, "value"));
    }
    return new Map(taps.flatMap((name) => entry(name, tensors.get(name))));
  }

  #cached(cache: Cache, layer: number, kind: "key" | "value"): Tensor {
    const shape = [cache.length, this.config.kvHeads, headWidth(this.config)];
    const count = cache.length * this.config.kvHeads * headWidth(this.config);
    return { shape, data: this.heap.floats(cache.buffer.address(layer, kind), count).slice() };
  }
}

function entry(name: string, tensor: Tensor | undefined): [string, Tensor][] {
  return tensor ? [[name, tensor]] : [];
}
