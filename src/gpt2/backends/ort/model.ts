import { headWidth } from "../../config/config";
import { ComputeError } from "../../errors";
import type { HeapKvBuffer } from "../../kvCache/heapStorage";
import { HeapKvStorage } from "../../kvCache/heapStorage";
import type { KvCache } from "../../kvCache/kvCache";
import { alignedLength } from "../../kvCache/storage";
import type { CacheSlot, LanguageModel, ModelInfo } from "../../languageModel";
import { type CheckpointTensors, tap, type TappedModel, type Tensor } from "../../taps";
import { type Embeddings, embeddingsFrom, loadPreparedWeights } from "../../weights/preparedWeights";
import { preparedBytes } from "../../weights/weightList";
import type { Gpt2Weights } from "../../weights/weights";
import type { Backend, BackendOptions } from "../backend";
import { checkStep } from "../checkStep";
import { PooledModel } from "../pooledModel";
import { buildGraph } from "./graph";
import { HeapBuffer } from "./heapBuffer";
import { encodeModel } from "./onnx";
import type { OrtLoader } from "./ortModule";
import { OrtRuntime } from "./ortRuntime";
import { OrtSession } from "./ortSession";

/** What is added to the score of a token that must not be looked at. */
const masked = -1e30;

/**
 * Opens a model on ONNX Runtime: its weights go into the heap in the wanted precision.
 * @param taps whether the graph returns the tensors inside it, see {@link TappedOrtModel}
 * @throws ComputeError when memory runs out or ONNX Runtime refuses
 */
async function openSession(loader: OrtLoader, weights: Gpt2Weights, options: BackendOptions, taps: boolean) {
  const started = performance.now();
  const { config } = weights;
  const { precision } = options;
  checkSize(preparedBytes(config, precision));
  const runtime = await OrtRuntime.load(loader, options.threads);
  try {
    const { graph } = buildGraph(config, { precision, taps });
    const names = new Set(graph.constants.map((constant) => constant.name));
    const prepared = await loadPreparedWeights(weights, options);
    const embeddings = embeddingsFrom(prepared, config);
    const data = new Map(Array.from(prepared).filter(([name]) => names.has(name)));
    const inputs = graph.inputs.map((input) => input.name);
    const outputs = graph.outputs.map((output) => output.name);
    const session = await OrtSession.create(runtime, encodeModel(graph), data, inputs, outputs);
    let weightBytes = embeddings.token.bytes + embeddings.position.bytes;
    for (const bytes of data.values()) weightBytes += bytes.length;
    const { threads } = runtime;
    const loadMs = performance.now() - started;
    const info = { backend: "onnxruntime", precision, threads, weightBytes, loadMs } as const;
    return { config, info, runtime, session, embeddings, cacheBudgetBytes: options.cacheBudgetBytes };
  } catch (error) {
    runtime[Symbol.dispose]();
    throw error;
  }
}

/** 32-bit addresses end here. */
const largestHeap = 2 ** 32;

/** @throws ComputeError when weights cannot fit, before any of them is read */
function checkSize(weightBytes: number): void {
  if (weightBytes < largestHeap) return;
  const megabytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);
  throw new ComputeError(
    `The model's weights take ${megabytes(weightBytes)} MB, and WebAssembly's memory ends at ${megabytes(largestHeap)} MB. ` +
      "Choose the precision int8, or a smaller model.",
  );
}

/** ONNX Runtime on WebAssembly, in f32 and int8. */
export function ortBackend(loader: OrtLoader): Backend {
  return {
    id: "onnxruntime",
    supports: () => true,
    open: async (weights, options) => new OrtModel(await openSession(loader, weights, options, false)),
    openTapped: async (weights, options) => new TappedOrtModel(await openSession(loader, weights, options, true)),
  };
}

type OpenedSession = Awaited<ReturnType<typeof openSession>>;

/** A GPT-2 on ONNX Runtime's WASM backend whose caches stay in the heap. */
class OrtModel extends PooledModel<HeapKvBuffer> implements LanguageModel {
  readonly info: ModelInfo;
  protected readonly runtime: OrtRuntime;
  protected readonly logits: HeapBuffer;
  readonly #session: OrtSession;
  readonly #embeddings: Embeddings;
  readonly #x: HeapBuffer;
  readonly #mask: HeapBuffer;
  readonly #writeAt: HeapBuffer;
  readonly #rows: HeapBuffer;
  readonly #pad: HeapBuffer;
  readonly #stepLength: HeapBuffer;
  #disposed = false;

  constructor({ config, info, runtime, session, embeddings, cacheBudgetBytes }: OpenedSession) {
    const { layers, kvHeads, contextLength } = config;
    const shape = { layers, width: kvHeads * headWidth(config), contextLength };
    super(config, new HeapKvStorage(runtime, shape), cacheBudgetBytes);
    this.info = info;
    this.runtime = runtime;
    this.#session = session;
    this.#embeddings = embeddings;
    this.#x = new HeapBuffer(runtime, "float32");
    this.#mask = new HeapBuffer(runtime, "float32");
    this.#writeAt = new HeapBuffer(runtime, "int64");
    this.#rows = new HeapBuffer(runtime, "int64");
    this.#pad = new HeapBuffer(runtime, "float32");
    this.#stepLength = new HeapBuffer(runtime, "int64");
    this.#pad.floats(config.width).fill(0);
    this.logits = new HeapBuffer(runtime, "float32");
  }

  /** Bytes of the WASM heap: weights, caches and what the largest step needed. */
  get heapBytes(): number {
    return this.runtime.heapBytes;
  }

  async forward(slot: CacheSlot, tokens: readonly number[], logitRows = 1): Promise<Float32Array> {
    if (tokens.length === 0) return new Float32Array(0);
    // ONNX Runtime's int8 product gives a wrong shape for no rows at all.
    await this.step(
      this.pool.cacheOf(slot),
      tokens,
      this.info.precision === "int8" ? Math.max(1, logitRows) : logitRows,
      [],
    );
    return this.logits.floats(logitRows * this.config.vocabSize);
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return Promise.resolve();
    this.#disposed = true;
    this.pool[Symbol.dispose]();
    const buffers = [this.#x, this.#mask, this.#writeAt, this.#rows, this.#pad, this.#stepLength, this.logits];
    for (const buffer of buffers) buffer[Symbol.dispose]();
    this.#session[Symbol.dispose]();
    this.runtime[Symbol.dispose]();
    return Promise.resolve();
  }

  /** Runs tokens after those that the cache holds and appends them; the logits are in their buffer then. */
  protected async step(
    cache: KvCache<HeapKvBuffer>,
    tokens: readonly number[],
    logitRows: number,
    taps: readonly string[],
  ): Promise<Map<string, Tensor>> {
    const past = cache.length;
    const total = past + tokens.length;
    checkStep(this.config, past, tokens);
    await this.pool.reserve(cache, total);
    const { width } = this.config;
    const x = this.#x.floats(tokens.length * width).fill(0);
    tokens.forEach((token, i) => {
      this.#embeddings.token.addRow(token, x, i * width);
      this.#embeddings.position.addRow(past + i, x, i * width);
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
    this.countTokens(tokens.length);
    return tensors;
  }

  /** Runs the graph on what is in the buffers. The cache's rows are written in place; its length is the caller's. */
  async #run(
    cache: KvCache<HeapKvBuffer>,
    stepLength: number,
    columns: number,
    logitRows: number,
    taps: readonly string[],
  ): Promise<Map<string, Tensor>> {
    const { runtime, config } = this;
    const { vocabSize, width } = config;
    this.logits.floats(logitRows * vocabSize);
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
    const outputs = new Map([["logits", this.logits.tensor([1, logitRows, vocabSize])]]);
    const kvWidth = config.kvHeads * headWidth(config);
    for (let layer = 0; layer < config.layers; layer++) {
      for (const kind of ["key", "value"] as const) {
        const bytes = columns * kvWidth * 4;
        const tensor = runtime.createTensor("float32", cache.buffer.address(layer, kind), bytes, [1, columns, kvWidth]);
        inputs.set(`past_${kind}_${layer}`, tensor);
        outputs.set(`present_${kind}_${layer}`, tensor);
      }
    }
    const ours = new Set([...inputs.values(), ...outputs.values()]);
    for (const name of taps) outputs.set(name, 0);
    try {
      const results = await this.#session.run(inputs, outputs);
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
}

/** An {@link OrtModel} whose graph has the tensors inside it as further outputs. */
class TappedOrtModel extends OrtModel implements TappedModel {
  async forwardTapped(slot: CacheSlot, tokens: readonly number[], taps: readonly string[]): Promise<CheckpointTensors> {
    const { config } = this;
    const cache = this.pool.cacheOf(slot);
    const fromGraph = taps.filter((name) => name !== tap.logits && !name.startsWith("cache."));
    const tensors = await this.step(cache, tokens, tokens.length, fromGraph);
    const logits = this.logits.floats(tokens.length * config.vocabSize).slice();
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
        tensors.set(name, { shape, data: this.runtime.floats(cache.buffer.address(layer, kind), count).slice() });
      }
    }
    return new Map(
      taps.flatMap((name) => {
        const tensor = tensors.get(name);
        return tensor ? [[name, tensor] as const] : [];
      }),
    );
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
