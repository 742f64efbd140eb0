import type { Tensor as OrtTensor } from "onnxruntime-web/webgpu";
import { headWidth } from "../../config/config";
import type { KvCache } from "../../kvCache/kvCache";
import type {
  Branches,
  CacheSlot,
  LanguageModel,
  LikeliestOptions,
  LikeliestToken,
  ModelInfo,
  SlotUse,
} from "../../languageModel";
import { checkStep } from "../checkStep";
import { PooledModel } from "../pooledModel";
import { GpuBranches, JoinedSlots, type PreparedStep } from "./branches";
import { floatBytes } from "./gpuFormat";
import { type GpuKvBuffer, GpuKvStorage } from "./gpuKvBuffer";
import type { GpuRuntime } from "./gpuRuntime";
import type { GpuSession } from "./gpuSession";
import { LikeliestSteps } from "./likeliestSteps";
import { LogitsReader } from "./logitsReader";

/** What a {@link GpuModel} is made of. */
export interface GpuModelParts {
  readonly runtime: GpuRuntime;
  readonly session: GpuSession;
  readonly info: ModelInfo;
  readonly cacheBudgetBytes: number | undefined;
  readonly config: LanguageModel["config"];
}

/** Where keys and values are. */
export function gpuStorage({ runtime, session, config }: Pick<GpuModelParts, "runtime" | "session" | "config">) {
  const { layers, kvHeads, contextLength } = config;
  const width = kvHeads * headWidth(config);
  return new GpuKvStorage(runtime, {
    ...{ layers, width, contextLength, kvHeads },
    elementBytes: floatBytes(session.format),
  });
}

/** A GPT-2 on WebGPU whose weights and caches are in GPU memory. Per step, embeddings go there, and the wanted logits or the likeliest tokens come back. */
export class GpuModel extends PooledModel<GpuKvBuffer> implements LanguageModel {
  readonly info: ModelInfo;
  protected readonly runtime: GpuRuntime;
  protected readonly session: GpuSession;
  protected readonly logits: LogitsReader;
  readonly #likeliest: LikeliestSteps;
  #disposed = false;

  constructor({ runtime, session, info, cacheBudgetBytes, config }: GpuModelParts) {
    super(config, gpuStorage({ runtime, session, config }), cacheBudgetBytes);
    this.runtime = runtime;
    this.session = session;
    this.info = info;
    this.logits = new LogitsReader(runtime, session.format, config.vocabSize);
    this.#likeliest = new LikeliestSteps({
      ...{ runtime, session, config, logits: this.logits },
      step: (cache, tokens, rows) => this.step(cache, tokens, rows),
      reserve: (cache, length) => this.pool.reserve(cache, length),
      onRun: () => this.countTokens(1),
    });
  }

  /** Bytes of the weights, with what greedy steps have on the GPU besides them, and of the caches. */
  get heapBytes(): number {
    return this.pool.slots().reduce((sum, { bytes }) => sum + bytes, this.info.weightBytes + this.#likeliest.bytes);
  }

  get stepsAhead(): number {
    return this.#likeliest.underWay;
  }

  override acquire(tokens: readonly number[], use?: SlotUse, adapter?: string): Promise<CacheSlot> {
    this.#likeliest.discard();
    return super.acquire(tokens, use, adapter);
  }

  async forward(slot: CacheSlot, tokens: readonly number[], logitRows = 1): Promise<Float32Array> {
    if (tokens.length === 0) return new Float32Array(0);
    const cache = this.pool.cacheOf(slot);
    await this.step(cache, tokens, Math.max(1, logitRows));
    if (logitRows === 0) return new Float32Array(0);
    this.logits.collect(logitRows);
    return this.logits.read();
  }

  async forwardLikeliest(
    slot: CacheSlot,
    tokens: readonly number[],
    options: LikeliestOptions = {},
  ): Promise<readonly (readonly LikeliestToken[])[]> {
    return tokens.length === 0 ? [] : this.#likeliest.forward(this.pool.cacheOf(slot), tokens, options);
  }

  branch(slot: CacheSlot, count: number): Branches {
    const cache = this.pool.cacheOf(slot);
    return new GpuBranches(cache, count, {
      reserve: (length) => this.pool.reserve(cache, length),
      run: (steps) => this.#runRows(steps),
      check: (past, tokens) => checkStep(this.config, past, tokens),
    });
  }

  join(slots: readonly CacheSlot[]): Promise<Branches> {
    const caches = slots.map((slot) => this.pool.cacheOf(slot));
    return Promise.resolve(
      new JoinedSlots(caches, {
        reserve: (cache, length) => this.pool.reserve(cache, length),
        run: (steps) => this.#runRows(steps),
        check: (past, tokens) => checkStep(this.config, past, tokens),
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.pool[Symbol.dispose]();
    this.#likeliest[Symbol.dispose]();
    this.logits[Symbol.dispose]();
    await this.session[Symbol.asyncDispose]();
  }

  /**
   * Runs tokens after those that the cache holds and appends them; the logits are in their buffer then.
   * @param taps further outputs of the graph, which are returned
   */
  protected async step(
    cache: KvCache<GpuKvBuffer>,
    tokens: readonly number[],
    logitRows: number,
    taps: readonly string[] = [],
  ): Promise<ReadonlyMap<string, OrtTensor>> {
    const past = cache.length;
    this.#likeliest.discard();
    await this.reserve(cache, tokens);
    await this.logits.begin([logitRows]);
    const x = this.session.embed(tokens, past);
    const output = this.logits.tensor(logitRows);
    const outputs = await this.session.run({ x, past, buffer: cache.buffer, logitRows, output, taps });
    this.append(cache, tokens);
    return outputs;
  }

  /** Runs steps one after the other and reads all their logits at the end. */
  async #runRows(steps: readonly PreparedStep[]): Promise<Float32Array> {
    if (steps.length === 0) return new Float32Array(0);
    this.#likeliest.discard();
    await this.logits.begin(steps.map(({ rows }) => rows));
    for (const { rows, prepare } of steps) {
      const { tokens, past, buffer } = prepare();
      const x = this.session.embed(tokens, past);
      await this.session.run({ x, past, buffer, logitRows: rows, output: this.logits.tensor(rows) });
      this.logits.collect(rows);
      this.countTokens(rows);
    }
    return this.logits.read();
  }
}
