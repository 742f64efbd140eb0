import { type Gpt2Config, headWidth } from "../../config/config";
import { hasHead } from "../../config/part";
import { ComputeError } from "../../errors";
import { floatStream, type HeapKvBuffer } from "../../kvCache/heapStorage";
import { alignedLength } from "../../kvCache/storage";
import type { ModelInfo } from "../../languageModel";
import { largestHeap } from "../../split/heapLimit";
import { tap, type Tensor } from "../../taps";
import { type Embeddings, embeddingsFrom, loadPreparedWeights } from "../../weights/preparedWeights";
import { preparedBytes } from "../../weights/weightList";
import type { Gpt2Weights } from "../../weights/weights";
import type { BackendOptions } from "../backend";
import { buildGraph } from "./graph";
import { HeapBuffer } from "./heapBuffer";
import { encodeModel } from "./onnx";
import type { OrtLoader } from "./ortModule";
import { OrtRuntime } from "./ortRuntime";
import { OrtSession } from "./ortSession";

/** What is added to the score of a token that must not be looked at. */
const masked = -1e30;

/** A step through the layers. */
export interface OrtStep {
  readonly rows: number;
  /** Writes the rows of the residual stream, `[rows, D]`, with which the first layer begins. */
  readonly writeRows: (x: Float32Array) => void;
  readonly buffer: HeapKvBuffer;
  /** Positions of the buffer that the rows follow. */
  readonly past: number;
  /** Last rows whose logits are wanted, where there is a head. */
  readonly logitRows: number;
  /** Further outputs, which are copied out; those of attention are cut to the positions that there are. */
  readonly taps?: readonly string[];
}

/** A model, or a part of one, in a heap of ONNX Runtime. Keys and values are the caller's. */
export class OrtRunner implements Disposable {
  /** The logits of the last step, or the rows of the residual stream after the last layer. */
  readonly output: HeapBuffer;
  readonly #session: OrtSession;
  readonly #x: HeapBuffer;
  readonly #mask: HeapBuffer;
  readonly #writeAt: HeapBuffer;
  readonly #rows: HeapBuffer;
  readonly #pad: HeapBuffer;
  readonly #stepLength: HeapBuffer;
  #disposed = false;

  private constructor(
    readonly config: Gpt2Config,
    readonly info: ModelInfo,
    readonly runtime: OrtRuntime,
    readonly embeddings: Embeddings,
    session: OrtSession,
  ) {
    this.#session = session;
    this.#x = new HeapBuffer(runtime, "float32");
    this.#mask = new HeapBuffer(runtime, "float32");
    this.#writeAt = new HeapBuffer(runtime, "int64");
    this.#rows = new HeapBuffer(runtime, "int64");
    this.#pad = new HeapBuffer(runtime, "float32");
    this.#stepLength = new HeapBuffer(runtime, "int64");
    this.#pad.floats(config.width).fill(0);
    this.output = new HeapBuffer(runtime, "float32");
  }

  /**
   * Puts weights into the heap in the wanted precision.
   * @param taps whether the graph returns the tensors inside it
   * @throws ComputeError when memory runs out or ONNX Runtime refuses
   */
  static async open(
    loader: OrtLoader,
    weights: Gpt2Weights,
    options: BackendOptions,
    taps: boolean,
  ): Promise<OrtRunner> {
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
      let weightBytes = embeddings.token.bytes + embeddings.position.bytes;
      for (const bytes of data.values()) weightBytes += bytes.length;
      const session = await OrtSession.create(runtime, encodeModel(graph), data, inputs, outputs);
      const { threads } = runtime;
      const loadMs = performance.now() - started;
      const info = { backend: "onnxruntime", precision, threads, weightBytes, loadMs } as const;
      return new OrtRunner(config, info, runtime, embeddings, session);
    } catch (error) {
      runtime[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Runs a step; its keys and values are written in place, and its result is in {@link output}.
   * @returns the taps
   */
  async run({ rows, writeRows, buffer, past, logitRows, taps = [] }: OrtStep): Promise<Map<string, Tensor>> {
    const total = past + rows;
    writeRows(this.#x.floats(rows * this.config.width));
    // A row of padding, if any, may look at everything: nobody looks at it.
    const columns = alignedLength(total);
    const mask = this.#mask.floats((rows + this.#padding(rows)) * columns).fill(0);
    for (let i = 0; i < rows; i++) mask.fill(masked, i * columns + past + i + 1, (i + 1) * columns);
    this.#writeAt.bigInts(1)[0] = BigInt(past);
    this.#stepLength.bigInts(1)[0] = BigInt(rows);
    const wanted = this.#rows.bigInts(logitRows);
    for (let i = 0; i < logitRows; i++) wanted[i] = BigInt(rows - logitRows + i);
    const tensors = await this.#run(buffer, rows, columns, logitRows, taps);
    for (let layer = 0; layer < this.config.layers; layer++) {
      for (const name of [tap.scores(layer), tap.attentionWeights(layer)]) {
        const padded = tensors.get(name);
        if (padded) tensors.set(name, crop(padded, rows, total));
      }
    }
    return tensors;
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const buffers = [this.#x, this.#mask, this.#writeAt, this.#rows, this.#pad, this.#stepLength, this.output];
    for (const buffer of buffers) buffer[Symbol.dispose]();
    this.#session[Symbol.dispose]();
    this.runtime[Symbol.dispose]();
  }

  /** Runs the graph on what is in the buffers. */
  async #run(
    buffer: HeapKvBuffer,
    rows: number,
    columns: number,
    logitRows: number,
    taps: readonly string[],
  ): Promise<Map<string, Tensor>> {
    const { runtime, config } = this;
    const { vocabSize, width } = config;
    const inputs = new Map([
      ["x", this.#x.tensor([1, rows, width])],
      ["mask", this.#mask.tensor([rows + this.#padding(rows), columns])],
      ["write_at", this.#writeAt.tensor([1])],
    ]);
    const outputs = new Map<string, number>();
    if (hasHead(config)) {
      this.output.floats(logitRows * vocabSize);
      inputs.set("rows", this.#rows.tensor([logitRows]));
      outputs.set("logits", this.output.tensor([1, logitRows, vocabSize]));
    } else {
      this.output.floats(rows * width);
      outputs.set("residual", this.output.tensor([1, rows, width]));
    }
    if (this.info.precision === "int8") {
      inputs.set("pad", this.#pad.tensor([1, this.#padding(rows), width]));
      inputs.set("step_length", this.#stepLength.tensor([1]));
    }
    const kvWidth = config.kvHeads * headWidth(config);
    for (let layer = 0; layer < config.layers; layer++) {
      for (const kind of ["key", "value"] as const) {
        const bytes = columns * kvWidth * 4;
        const tensor = runtime.createTensor("float32", buffer.address(floatStream(layer, kind)), bytes, [
          1,
          columns,
          kvWidth,
        ]);
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
  #padding(rows: number): number {
    return this.info.precision === "int8" ? rows % 2 : 0;
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

/** @throws ComputeError when weights cannot fit, before any of them is read */
function checkSize(weightBytes: number): void {
  if (weightBytes < largestHeap) return;
  const megabytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);
  throw new ComputeError(
    `The model's weights take ${megabytes(weightBytes)} MB, and WebAssembly's memory ends at ${megabytes(largestHeap)} MB. ` +
      "Choose the precision int8, or a smaller model.",
  );
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
