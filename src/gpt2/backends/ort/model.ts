import type { HeapKvBuffer } from "../../kvCache/heapStorage";
import type { KvCache } from "../../kvCache/kvCache";
import type { CacheSlot, LanguageModel, ModelInfo } from "../../languageModel";
import { type CheckpointTensors, tap, type TappedModel, type Tensor } from "../../taps";
import { embedTokens } from "../../weights/embedTokens";
import { heapStorage, readFloats, withCaches } from "../heapCaches";
import { PooledModel } from "../pooledModel";
import type { OrtRunner } from "./runner";

/** A GPT-2 on ONNX Runtime's WASM backend whose caches stay in the heap. */
export class OrtModel extends PooledModel<HeapKvBuffer> implements LanguageModel {
  protected readonly runner: OrtRunner;

  constructor(runner: OrtRunner, cacheBudgetBytes: number | undefined) {
    super(runner.config, heapStorage(runner.runtime, runner.config), cacheBudgetBytes);
    this.runner = runner;
  }

  get info(): ModelInfo {
    return this.runner.info;
  }

  /** Bytes of the WASM heap: weights, caches and what the largest step needed. */
  get heapBytes(): number {
    return this.runner.runtime.heapBytes;
  }

  async forward(slot: CacheSlot, tokens: readonly number[], logitRows = 1): Promise<Float32Array> {
    if (tokens.length === 0) return new Float32Array(0);
    await this.step(this.pool.cacheOf(slot), tokens, atLeastOneRow(this.info, logitRows));
    return this.runner.output.floats(logitRows * this.config.vocabSize);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.pool[Symbol.dispose]();
    this.runner[Symbol.dispose]();
    return Promise.resolve();
  }

  /** Runs tokens after those that the cache holds and appends them; the logits are in the runner's output then. */
  protected async step(
    cache: KvCache<HeapKvBuffer>,
    tokens: readonly number[],
    logitRows: number,
    taps: readonly string[] = [],
  ): Promise<Map<string, Tensor>> {
    const past = cache.length;
    await this.reserve(cache, tokens);
    const writeRows = (x: Float32Array) => embedTokens(this.runner.embeddings, tokens, (i) => past + i, x);
    const step = { rows: tokens.length, writeRows, buffer: cache.buffer, past, logitRows, taps };
    const tensors = await this.runner.run(step);
    this.append(cache, tokens);
    return tensors;
  }
}

/** ONNX Runtime's int8 product gives a wrong shape for no rows at all. */
export function atLeastOneRow({ precision }: ModelInfo, logitRows: number): number {
  return precision === "int8" ? Math.max(1, logitRows) : logitRows;
}

/** Whether a tap is an output of the graph. */
export function isGraphOutput(name: string): boolean {
  return name !== tap.logits && !name.startsWith("cache.");
}

/** An {@link OrtModel} whose graph has the tensors inside it as further outputs. */
export class TappedOrtModel extends OrtModel implements TappedModel {
  async forwardTapped(slot: CacheSlot, tokens: readonly number[], taps: readonly string[]): Promise<CheckpointTensors> {
    const { config, runner } = this;
    const cache = this.pool.cacheOf(slot);
    const tensors = await this.step(cache, tokens, tokens.length, taps.filter(isGraphOutput));
    const logits = runner.output.floats(tokens.length * config.vocabSize);
    const step = { rows: tokens.length, buffer: cache.buffer, length: cache.length };
    return withCaches(tensors, taps, { ...step, config, readCache: readFloats(runner.runtime, runner.config), logits });
  }
}
