import { CachePool, defaultCacheBudget } from "../../kvCache/cachePool";
import { type CheckpointTensors, tap, type TappedModel, type Tensor } from "../../verification/checkpoints/tensors";
import { checkStep } from "../../checkStep";
import type { Gpt2Config } from "../../config/config";
import { headWidth } from "../../config/config";
import { ComputeError } from "../../errors";
import { buildGraph, type Gpt2Graph } from "./graph";
import type { GraphCache } from "../../weights/preparedWeightsCache";
import { fitsKernels } from "../kernels/model";
import { openKernelSession } from "../kernels/session";
import type { KernelThreads } from "../kernels/threads";
import { HeapBuffer } from "./heapBuffer";
import { alignedLength, KvCache } from "../../kvCache/kvCache";
import type { CacheSlot, CacheSlotInfo, ModelInfo, Precision, SlotUse } from "../../languageModel";
import { encodeModel } from "./onnx";
import type { OrtLoader } from "./ortModule";
import { OrtRuntime } from "./ortRuntime";
import { OrtSession } from "./ortSession";
import {
  type Embeddings,
  embeddingsFrom,
  packWeights,
  preparedKey,
  type PreparedWeights,
  prepareWeights,
  unpackWeights,
} from "../../weights/preparedWeights";
import type { Gpt2Weights } from "../../weights/weights";

export interface OpenModelOptions {
  readonly precision: Precision;
  /** 0: chosen by the loader from the machine. */
  readonly threads: number;
  readonly loader: OrtLoader;
  /** For all cache slots together; by the model's size unless given, see `defaultCacheBudget`. */
  readonly cacheBudgetBytes?: number;
  /** Builds the graph with the tensors inside it as further outputs, for {@link Gpt2Session.forwardTapped}. */
  readonly taps?: boolean;
  /** Whether an int8 model runs on our own kernels, where they can run it, and ONNX Runtime is not loaded; true unless given. */
  readonly kernels?: boolean;
  /** Further threads for the kernels; without them there is one. */
  readonly kernelThreads?: KernelThreads | undefined;
  /** Keeps the 8-bit weights as they are run: opening the same model again then reads only those. */
  readonly cache?: GraphCache;
  /** Told when the cache cannot be read or written (a full disk); the model is opened all the same. */
  readonly onCacheError?: (error: unknown) => void;
}

/** What is added to the score of a token that must not be looked at. */
const masked = -1e30;

/**
 * Prepares a model for running: reads its weights tensor by tensor into ONNX Runtime's heap, in the wanted precision.
 * The weights are not needed afterwards.
 * @throws ModelFileError when a tensor is missing or has a wrong shape, ComputeError when memory runs out or ONNX Runtime refuses.
 */
export async function openLanguageModel(weights: Gpt2Weights, options: OpenModelOptions): Promise<TappedModel> {
  const started = performance.now();
  const { config } = weights;
  if (options.precision === "int8" && options.kernels !== false && fitsKernels(config)) {
    const graph = buildGraph(config, { precision: "int8", taps: false });
    const prepared = await preparedWeights(weights, graph, options);
    return openKernelSession(config, prepared, {
      threads: options.threads,
      kernelThreads: options.kernelThreads,
      cacheBudgetBytes: options.cacheBudgetBytes,
      taps: options.taps ?? false,
      started,
    });
  }
  const runtime = await OrtRuntime.load(options.loader, options.threads);
  try {
    const graph = buildGraph(config, { precision: options.precision, taps: options.taps ?? false });
    const names = new Set(graph.graph.constants.map((constant) => constant.name));
    const prepared = await preparedWeights(weights, graph, options);
    const embeddings = embeddingsFrom(prepared, config);
    const data = new Map(Array.from(prepared).filter(([name]) => names.has(name)));
    const inputs = graph.graph.inputs.map((input) => input.name);
    const outputs = graph.graph.outputs.map((output) => output.name);
    const session = await OrtSession.create(runtime, encodeModel(graph.graph), data, inputs, outputs);
    let weightBytes = embeddings.token.bytes + embeddings.position.bytes;
    for (const bytes of data.values()) weightBytes += bytes.length;
    const info = {
      backend: "wasm",
      runtime: "onnxruntime",
      precision: options.precision,
      threads: runtime.threads,
      weightBytes,
      loadMs: performance.now() - started,
    } as const;
    return new Gpt2Session(config, info, runtime, session, embeddings, options.cacheBudgetBytes);
  } catch (error) {
    runtime[Symbol.dispose]();
    throw error;
  }
}

/** The weights as the graph wants them: from the cache, or read and put there. Trouble with the cache is told and otherwise ignored. */
async function preparedWeights(
  weights: Gpt2Weights,
  graph: Gpt2Graph,
  { precision, cache, onCacheError }: OpenModelOptions,
): Promise<PreparedWeights> {
  // In f32 there is little to prepare and much to write.
  if (!cache || precision === "f32") return prepareWeights(weights, graph, precision);
  const key = preparedKey(weights, precision);
  const read = await cache.get(key).then(
    (packed) => ({ packed }),
    (error: unknown) => {
      onCacheError?.(error);
      return undefined;
    },
  );
  const known = read?.packed && unpackWeights(read.packed);
  if (known) return known;
  const prepared = await prepareWeights(weights, graph, precision);
  // What could not be read is not written either, and told once.
  if (read) await cache.put(key, packWeights(prepared)).catch((error: unknown) => onCacheError?.(error));
  return prepared;
}

/** A GPT-2 on ONNX Runtime's WASM backend whose caches stay in the heap. */
export class Gpt2Session implements TappedModel {
  readonly #pool: CachePool;
  readonly #x: HeapBuffer;
  readonly #mask: HeapBuffer;
  readonly #writeAt: HeapBuffer;
  readonly #rows: HeapBuffer;
  readonly #pad: HeapBuffer;
  readonly #stepLength: HeapBuffer;
  readonly #logits: HeapBuffer;
  #computedTokens = 0;
  #disposed = false;

  constructor(
    readonly config: Gpt2Config,
    readonly info: ModelInfo,
    private readonly runtime: OrtRuntime,
    private readonly session: OrtSession,
    private readonly embeddings: Embeddings,
    cacheBudgetBytes: number | undefined,
  ) {
    const shape = {
      layers: config.layers,
      width: config.kvHeads * headWidth(config),
      contextLength: config.contextLength,
    };
    this.#pool = new CachePool(runtime, shape, cacheBudgetBytes ?? defaultCacheBudget(shape));
    this.#x = new HeapBuffer(runtime, "float32");
    this.#mask = new HeapBuffer(runtime, "float32");
    this.#writeAt = new HeapBuffer(runtime, "int64");
    this.#rows = new HeapBuffer(runtime, "int64");
    this.#pad = new HeapBuffer(runtime, "float32");
    this.#stepLength = new HeapBuffer(runtime, "int64");
    this.#pad.floats(config.width).fill(0);
    this.#logits = new HeapBuffer(runtime, "float32");
  }

  /** Bytes of the WASM heap: weights, caches and what the largest step needed. */
  get heapBytes(): number {
    return this.runtime.heapBytes;
  }

  get computedTokens(): number {
    return this.#computedTokens;
  }

  get fullSlots(): number {
    return this.#pool.fullSlots;
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

  async forward(slot: CacheSlot, tokens: readonly number[], logitRows = 1): Promise<Float32Array> {
    if (tokens.length === 0) return new Float32Array(0);
    // ONNX Runtime's int8 product gives a wrong shape for no rows at all.
    await this.#step(
      this.#cache(slot),
      tokens,
      this.info.precision === "int8" ? Math.max(1, logitRows) : logitRows,
      [],
    );
    return this.#logits.floats(logitRows * this.config.vocabSize);
  }

  async forwardTapped(slot: CacheSlot, tokens: readonly number[], taps: readonly string[]): Promise<CheckpointTensors> {
    const { config } = this;
    const cache = this.#cache(slot);
    const fromGraph = taps.filter((name) => name !== tap.logits && !name.startsWith("cache."));
    const tensors = await this.#step(cache, tokens, tokens.length, fromGraph);
    const logits = this.#logits.floats(tokens.length * config.vocabSize).slice();
    tensors.set(tap.logits, { shape: [tokens.length, config.vocabSize], data: logits });
    for (let layer = 0; layer < config.layers; layer++) {
      for (const name of [tap.scores(layer), tap.attentionWeights(layer)]) {
        const padded = tensors.get(name);
        if (padded) tensors.set(name, crop(padded, tokens.length, cache.length));
      }
    }
    const shape = [cache.length, config.kvHeads, headWidth(config)];
    const count = cache.length * config.kvHeads * headWidth(config);
    for (let layer = 0; layer < config.layers; layer++) {
      for (const [name, kind] of [
        [tap.cachedKeys(layer), "key"] as const,
        [tap.cachedValues(layer), "value"] as const,
      ]) {
        tensors.set(name, { shape, data: this.runtime.floats(cache.address(layer, kind), count).slice() });
      }
    }
    return new Map(
      taps.flatMap((name) => {
        const tensor = tensors.get(name);
        return tensor ? [[name, tensor] as const] : [];
      }),
    );
  }

  slots(): readonly CacheSlotInfo[] {
    return this.#pool.slots();
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return Promise.resolve();
    this.#disposed = true;
    this.#pool[Symbol.dispose]();
    const buffers = [this.#x, this.#mask, this.#writeAt, this.#rows, this.#pad, this.#stepLength, this.#logits];
    for (const buffer of buffers) buffer[Symbol.dispose]();
    this.session[Symbol.dispose]();
    this.runtime[Symbol.dispose]();
    return Promise.resolve();
  }

  /** Runs tokens behind what the cache holds and appends them; the logits are in their buffer then. */
  async #step(
    cache: KvCache,
    tokens: readonly number[],
    logitRows: number,
    taps: readonly string[],
  ): Promise<Map<string, Tensor>> {
    const past = cache.length;
    const total = past + tokens.length;
    checkStep(this.config, past, tokens);
    this.#pool.reserve(cache, total);
    const { width } = this.config;
    const x = this.#x.floats(tokens.length * width).fill(0);
    tokens.forEach((token, i) => {
      this.embeddings.token.addRow(token, x, i * width);
      this.embeddings.position.addRow(past + i, x, i * width);
    });
    // A row of padding, if any, may look at everything: nobody looks at it.
    const columns = alignedLength(total);
    const mask = this.#mask.floats((tokens.length + this.#padding(tokens.length)) * columns).fill(0);
    for (let i = 0; i < tokens.length; i++) mask.fill(masked, i * columns + past + i + 1, (i + 1) * columns);
    this.#writeAt.bigInts(1)[0] = BigInt(past);
    this.#stepLength.bigInts(1)[0] = BigInt(tokens.length);
    const rows = this.#rows.bigInts(logitRows);
    for (let i = 0; i < logitRows; i++) rows[i] = BigInt(tokens.length - logitRows + i);
    const tensors = await this.#run(cache, tokens.length, columns, logitRows, taps);
    cache.tokens.push(...tokens);
    this.#computedTokens += tokens.length;
    return tensors;
  }

  /** Runs the graph on what is in the buffers. The cache's rows are written in place; its length is the caller's. */
  async #run(
    cache: KvCache,
    stepLength: number,
    columns: number,
    logitRows: number,
    taps: readonly string[],
  ): Promise<Map<string, Tensor>> {
    const { runtime, config } = this;
    const { vocabSize, width } = config;
    this.#logits.floats(logitRows * vocabSize);
    const inputs = new Map([
      ["x", this.#x.tensor([1, stepLength, width])],
      ["mask", this.#mask.tensor([stepLength + this.#padding(stepLength), columns])],
      ["write_at", this.#writeAt.tensor([1])],
      ["rows", this.#rows.tensor([logitRows])],
    ]);
    if (this.info.precision === "int8") {
      inputs.set("pad", this.#pad.tensor([1, this.#padding(stepLength), width]));
      inputs.set("step_length", this.#stepLength.tensor([1]));
    }
    const outputs = new Map([["logits", this.#logits.tensor([1, logitRows, vocabSize])]]);
    const kvWidth = config.kvHeads * headWidth(config);
    for (let layer = 0; layer < config.layers; layer++) {
      for (const kind of ["key", "value"] as const) {
        const bytes = columns * kvWidth * 4;
        const tensor = runtime.createTensor("float32", cache.address(layer, kind), bytes, [1, columns, kvWidth]);
        inputs.set(`past_${kind}_${layer}`, tensor);
        outputs.set(`present_${kind}_${layer}`, tensor);
      }
    }
    const ours = new Set([...inputs.values(), ...outputs.values()]);
    for (const name of taps) outputs.set(name, 0);
    try {
      const results = await this.session.run(inputs, outputs);
      return this.#readTaps(outputs, results);
    } finally {
      for (const tensor of ours) runtime.releaseTensor(tensor);
    }
  }

  /** Rows of padding that the attention needs, see `buildGraph`. */
  #padding(stepLength: number): number {
    return this.info.precision === "int8" ? stepLength % 2 : 0;
  }

  #readTaps(outputs: ReadonlyMap<string, number>, results: readonly number[]): Map<string, Tensor> {
    const tensors = new Map<string, Tensor>();
    Array.from(outputs).forEach(([name, bound], i) => {
      const result = results[i] ?? 0;
      if (bound === result) return;
      if (bound !== 0) throw new ComputeError("The cache was not written in place.");
      try {
        tensors.set(name, this.runtime.readTensor(result));
      } finally {
        this.runtime.releaseTensor(result);
      }
    });
    return tensors;
  }

  #cache(slot: CacheSlot): KvCache {
    if (slot instanceof KvCache && this.#pool.has(slot)) return slot;
    throw new ComputeError(`Cache slot ${slot.id} is no longer in memory.`);
  }
}

/** The first `rows` and `columns` of each of the matrices `[count, …, …]`. */
function crop({ shape: [count = 0, height = 0, width = 0], data }: Tensor, rows: number, columns: number): Tensor {
  const cropped = new Float32Array(count * rows * columns);
  for (let matrix = 0; matrix < count; matrix++) {
    for (let row = 0; row < rows; row++) {
      const start = (matrix * height + row) * width;
      cropped.set(data.subarray(start, start + columns), (matrix * rows + row) * columns);
    }
  }
  return { shape: [count, rows, columns], data: cropped };
}
