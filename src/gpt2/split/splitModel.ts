import { addEmbeddingUpdates, type EmbeddingUpdates, embeddingUpdates } from "../adapters/adaptedEmbeddings";
import type { LoraAdapter } from "../adapters/adapter";
import { partAdapter } from "../adapters/partAdapter";
import { type BranchRunner, type BranchStep, CachedBranches } from "../backends/cachedBranches";
import { checkStep } from "../backends/checkStep";
import { PooledModel } from "../backends/pooledModel";
import type { Gpt2Config } from "../config/config";
import { hasEmbeddings } from "../config/part";
import { ComputeError } from "../errors";
import type { KvCache } from "../kvCache/kvCache";
import type { Branches, CacheSlot, LanguageModel, ModelInfo } from "../languageModel";
import { type CheckpointTensors, pickTensors, tap, type TappedModel, type Tensor } from "../taps";
import { embedTokens } from "../weights/embedTokens";
import { nameInPart, shiftLayer } from "../weights/partWeights";
import type { ModelPart, PartStep, TappedPart } from "./modelPart";
import { type SplitKvBuffer, SplitKvStorage } from "./splitStorage";

type Cache = KvCache<SplitKvBuffer>;

/** What a {@link SplitModel} is made of. */
export interface SplitModelParts<Part extends ModelPart = ModelPart> {
  /** That of the whole model. */
  readonly config: Gpt2Config;
  readonly info: ModelInfo;
  /** In the order of their layers; at least one. The model disposes them. */
  readonly parts: readonly Part[];
  readonly cacheBudgetBytes: number | undefined;
}

/** A step of the whole model. */
type Step = Pick<PartStep, "x" | "rows" | "past" | "logitRows" | "adapter"> & {
  readonly buffer: SplitKvBuffer;
  readonly branches?: BranchStep<SplitKvBuffer>["rows"];
};

/**
 * A GPT-2 whose layers are in several heaps. A step goes through one part after the other: each takes the residual stream `[S, D]` from the
 * one before. The caches of a slot are as many, one in each part, and change together.
 */
export class SplitModel<Part extends ModelPart = ModelPart>
  extends PooledModel<SplitKvBuffer>
  implements LanguageModel
{
  readonly info: ModelInfo;
  /** Undefined where a part cannot branch. */
  readonly branch?: (slot: CacheSlot, count: number) => Branches;
  readonly join?: (slots: readonly CacheSlot[]) => Promise<Branches>;
  /** Undefined where a part cannot add one. */
  declare readonly addAdapter?: (name: string, adapter: LoraAdapter) => Promise<void>;
  protected readonly parts: readonly Part[];
  readonly #embeddingUpdates = new Map<string, EmbeddingUpdates>();
  readonly #maxRows: number;

  constructor({ config, info, parts, cacheBudgetBytes }: SplitModelParts<Part>) {
    const storage = new SplitKvStorage(parts.map((part) => part.storage));
    super(config, storage, cacheBudgetBytes);
    this.info = info;
    this.parts = parts;
    this.#maxRows = Math.min(...parts.map(({ maxRows }) => maxRows));
    if (parts.every((part) => part.addAdapter)) this.addAdapter = (name, adapter) => this.#addAdapter(name, adapter);
    if (!parts.every(({ canBranch }) => canBranch)) return;
    const runner: BranchRunner<SplitKvBuffer> = { maxRows: this.#maxRows, run: (step) => this.#runBranches(step) };
    this.branch = (slot, count) => CachedBranches.after(this.pool.cacheOf(slot), count, storage, runner);
    this.join = (slots) => {
      const caches = slots.map((slot) => this.pool.cacheOf(slot));
      return CachedBranches.of(caches, storage, runner);
    };
  }

  /** Bytes of all heaps. */
  get heapBytes(): number {
    return this.parts.reduce((sum, { heapBytes }) => sum + heapBytes, 0);
  }

  async forward(slot: CacheSlot, tokens: readonly number[], logitRows = 1): Promise<Float32Array> {
    const { vocabSize } = this.config;
    const cache = this.pool.cacheOf(slot);
    if (tokens.length === 0) return new Float32Array(0);
    await this.reserve(cache, tokens);
    if (tokens.length <= this.#maxRows) return this.#step(cache, tokens, logitRows);
    const logits = new Float32Array(logitRows * vocabSize);
    for (let start = 0; start < tokens.length; start += this.#maxRows) {
      const step = tokens.slice(start, start + this.#maxRows);
      const left = tokens.length - start - step.length;
      const rows = Math.min(step.length, Math.max(0, logitRows - left));
      logits.set(await this.#step(cache, step, rows), (logitRows - left - rows) * vocabSize);
    }
    return logits;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pool[Symbol.dispose]();
    for (const part of this.parts) await part[Symbol.asyncDispose]();
  }

  /** What the first part begins with and what all of them add: the sums of token and position embeddings, `[S, D]`, and the adapter. */
  protected begin(cache: Cache, tokens: readonly number[], positionOf = (index: number) => cache.length + index) {
    const { adapter } = cache;
    const x = new Float32Array(tokens.length * this.config.width);
    const embeddings = this.parts[0]?.embeddings;
    if (embeddings) embedTokens(embeddings, tokens, positionOf, x);
    const updates = adapter === undefined ? undefined : this.#embeddingUpdates.get(adapter);
    if (updates) addEmbeddingUpdates(updates, tokens, positionOf, x);
    return { x, ...(adapter !== undefined && { adapter }) };
  }

  async #addAdapter(name: string, adapter: LoraAdapter): Promise<void> {
    const added: Part[] = [];
    try {
      for (const part of this.parts) {
        await part.addAdapter?.(name, partAdapter(adapter, part.config));
        added.push(part);
      }
      this.#embeddingUpdates.set(name, embeddingUpdates(adapter));
    } catch (error) {
      // What does not get it back now is closed with the model. The failure that counts is the first one.
      await Promise.allSettled(added.map(async (part) => part.removeAdapter?.(name)));
      throw error;
    }
  }

  /** Runs tokens after those that the cache holds. The cache is the same as before if a part fails. */
  async #step(cache: Cache, tokens: readonly number[], logitRows: number): Promise<Float32Array> {
    const start = this.begin(cache, tokens);
    const logits = await this.#run({
      ...start,
      ...{ rows: tokens.length, buffer: cache.buffer, past: cache.length, logitRows },
    });
    this.append(cache, tokens);
    return logits;
  }

  async #runBranches({ prefix, tokens, positions, rows }: BranchStep<SplitKvBuffer>): Promise<Float32Array> {
    for (const [i, token] of tokens.entries()) checkStep(this.config, positions[i] ?? 0, [token]);
    const start = this.begin(prefix, tokens, (i) => positions[i] ?? 0);
    const count = tokens.length;
    const step = { rows: count, buffer: prefix.buffer, past: prefix.length, logitRows: count, branches: rows };
    const logits = await this.#run({ ...start, ...step });
    this.countTokens(count);
    return logits;
  }

  async #run({ buffer, branches, ...step }: Step): Promise<Float32Array> {
    let { x } = step;
    for (const [part, model] of this.parts.entries()) {
      x = await model.run({
        ...step,
        ...{ x, buffer: buffer.of(part) },
        ...(branches && { branches: branches.map(({ tail, length }) => ({ tail: tail.of(part), length })) }),
      });
    }
    return x;
  }
}

/** A {@link SplitModel} that returns the tensors inside its parts. */
export class TappedSplitModel extends SplitModel<TappedPart> implements TappedModel {
  /** @throws ComputeError also for {@link tap.lens}, which needs layers and head in one heap */
  async forwardTapped(slot: CacheSlot, tokens: readonly number[], taps: readonly string[]): Promise<CheckpointTensors> {
    if (taps.includes(tap.lens)) {
      throw new ComputeError("The logit lens cannot look into a model whose layers are split over several heaps.");
    }
    const cache = this.pool.cacheOf(slot);
    await this.reserve(cache, tokens);
    const past = cache.length;
    const found = new Map<string, Tensor>();
    const start = this.begin(cache, tokens);
    let { x } = start;
    for (const [index, part] of this.parts.entries()) {
      const first = part.config.part?.firstLayer ?? 0;
      const last = tap.block(part.config.layers - 1);
      const step = { rows: tokens.length, buffer: cache.buffer.of(index), past, logitRows: tokens.length };
      const tensors = await part.runTapped({ ...start, ...step, x }, [
        ...new Set([...tapsOf(part.config, taps), last]),
      ]);
      for (const [name, tensor] of tensors) found.set(shiftLayer(name, first), tensor);
      x = Float32Array.from(tensors.get(last)?.data ?? []);
    }
    this.append(cache, tokens);
    return pickTensors(found, taps);
  }
}

/** The taps that are in a part, with the part's own layer numbers. */
function tapsOf(config: Gpt2Config, taps: readonly string[]): string[] {
  return taps.flatMap((name) => {
    if (name === tap.embeddings) return hasEmbeddings(config) ? [name] : [];
    return nameInPart(name, config) ?? [];
  });
}
