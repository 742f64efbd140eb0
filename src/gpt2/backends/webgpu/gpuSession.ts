import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-web/webgpu";
import type { Gpt2Config } from "../../config/config";
import { headWidth } from "../../config/config";
import { hasHead } from "../../config/part";
import { BackendUnavailableError, ComputeError } from "../../errors";
import { embedTokens } from "../../weights/embedTokens";
import type { Embeddings } from "../../weights/preparedWeights";
import type { Gpt2Weights } from "../../weights/weights";
import { encodeModel } from "../ort/onnx";
import type { GpuFormat } from "./gpuFormat";
import type { GpuKvBuffer } from "./gpuKvBuffer";
import type { GpuRuntime } from "./gpuRuntime";
import { loadGpuWeights } from "./gpuWeights";
import { buildGpuGraph } from "./graph";

/** A step of one sequence. */
export interface GpuStep {
  /** The rows of the residual stream with which the first layer begins: `[S, D]`, or on the GPU `[1, S, D]` in f32. */
  readonly x: Float32Array | OrtTensor;
  /** Positions of the buffer that are before them. */
  readonly past: number;
  readonly buffer: GpuKvBuffer;
  /** Last tokens whose logits are computed, where there is a head. */
  readonly logitRows: number;
  /** Where the logits are written, `[1, logitRows, V]`, or without a head the residual stream after the last layer, `[1, S, D]`. */
  readonly output: OrtTensor;
  /** Further outputs, which are copied out. */
  readonly taps?: readonly string[];
}

/** A step of tokens after `past` positions of a buffer, whose logits are all wanted. */
export interface RowsStep extends Pick<GpuStep, "past" | "buffer"> {
  readonly tokens: readonly number[];
}

/** Of ONNX Runtime's log, errors only. */
const logErrors = 3;

/** A model in ONNX Runtime on a GPU. Keys and values are the caller's. */
export class GpuSession implements AsyncDisposable {
  readonly #runtime: GpuRuntime;
  readonly #session: InferenceSession;
  readonly #config: Gpt2Config;
  readonly #caches = new WeakMap<GpuKvBuffer, CacheTensors>();

  private constructor(
    runtime: GpuRuntime,
    session: InferenceSession,
    config: Gpt2Config,
    readonly format: GpuFormat,
    readonly embeddings: Embeddings,
    /** Bytes of weights: on the GPU, and the embedding tables. */
    readonly weightBytes: number,
  ) {
    this.#runtime = runtime;
    this.#session = session;
    this.#config = config;
  }

  /** @throws ModelFileError, BackendUnavailableError when a tensor is too large, ComputeError when ONNX Runtime refuses the model */
  static async open(runtime: GpuRuntime, weights: Gpt2Weights, format: GpuFormat, taps: boolean): Promise<GpuSession> {
    const { config } = weights;
    const { maxStorageBufferBindingSize, maxBufferSize } = runtime.device.limits;
    const largestTensor = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    const { tensors, ...embeddings } = await loadGpuWeights(weights, format, largestTensor);
    const tooLarge = Array.from(tensors).find(([, { byteLength }]) => byteLength > largestTensor);
    if (tooLarge) {
      throw new BackendUnavailableError(
        `The graphics adapter takes buffers of up to ${megabytes(largestTensor)} MB, and ${tooLarge[0]} has ` +
          `${megabytes(tooLarge[1].byteLength)} MB. Choose another precision or backend.`,
      );
    }
    const model = encodeModel(buildGpuGraph(config, { format, largestTensor, taps }));
    const session = await createSession(runtime, model, tensors);
    let bytes = embeddings.token.bytes + embeddings.position.bytes;
    for (const { byteLength } of tensors.values()) bytes += byteLength;
    return new GpuSession(runtime, session, config, format, embeddings, bytes);
  }

  /**
   * Runs a step: its keys and values are appended in place, and the logits are in their buffer for whatever is submitted next.
   * @returns the taps
   */
  async run({ x, past, buffer, logitRows, output, taps = [] }: GpuStep): Promise<ReadonlyMap<string, OrtTensor>> {
    const { Tensor } = this.#runtime.host.ort;
    const input = x instanceof Float32Array ? this.#rows(x) : x;
    const count = input.dims[1] ?? 0;
    const total = past + count;
    const cache = this.#cacheTensors(buffer);
    const rows = BigInt64Array.from({ length: logitRows }, (_, i) => BigInt(count - logitRows + i));
    const head = hasHead(this.#config);
    const feeds = {
      x: input,
      ...(head && { rows: new Tensor("int64", rows, [logitRows]) }),
      last_key: new Tensor("int32", Int32Array.of(total - 1), [1]),
      total: new Tensor("int32", Int32Array.of(total), [1]),
      ...cache.past,
    };
    const fetches: Record<string, OrtTensor | null> = { [head ? "logits" : "residual"]: output, ...cache.present };
    for (const name of taps) fetches[name] = null;
    const results = await this.#runtime.run(() => this.#session.run(feeds, fetches));
    return new Map(taps.flatMap((name) => (results[name] ? [[name, results[name]] as const] : [])));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // With a lost device, ONNX Runtime would wait for it forever.
    if (!this.#runtime.failure) await this.#runtime.run(() => this.#session.release());
  }

  /** Sums of token and position embeddings, `[S, D]`. */
  embed(tokens: readonly number[], past: number): Float32Array {
    const x = new Float32Array(tokens.length * this.#config.width);
    embedTokens(this.embeddings, tokens, (i) => past + i, x);
    return x;
  }

  #rows(x: Float32Array): OrtTensor {
    const { width } = this.#config;
    return new this.#runtime.host.ort.Tensor("float32", x, [1, x.length / width, width]);
  }

  /** A buffer's blocks as tensors. They do not change while it lives. */
  #cacheTensors(buffer: GpuKvBuffer): CacheTensors {
    const known = this.#caches.get(buffer);
    if (known) return known;
    const { Tensor } = this.#runtime.host.ort;
    const { layers, kvHeads } = this.#config;
    const dims = [1, kvHeads, buffer.capacity, headWidth(this.#config)];
    const tensors: CacheTensors = { past: {}, present: {} };
    for (let layer = 0; layer < layers; layer++) {
      for (const kind of ["key", "value"] as const) {
        const tensor = Tensor.fromGpuBuffer(buffer.block(layer, kind), { dataType: this.format.float, dims });
        tensors.past[`past_${kind}_${layer}`] = tensor;
        tensors.present[`present_${kind}_${layer}`] = tensor;
      }
    }
    this.#caches.set(buffer, tensors);
    return tensors;
  }
}

interface CacheTensors {
  readonly past: Record<string, OrtTensor>;
  readonly present: Record<string, OrtTensor>;
}

async function createSession(
  runtime: GpuRuntime,
  model: Uint8Array,
  tensors: ReadonlyMap<string, Uint8Array>,
): Promise<InferenceSession> {
  const { host, device } = runtime;
  const externalData = Array.from(tensors, ([path, data]) => ({ path, data }));
  const options = {
    executionProviders: [{ name: "webgpu", device }],
    externalData,
    logSeverityLevel: logErrors,
  } as const;
  try {
    return await runtime.run(() => host.ort.InferenceSession.create(model, options));
  } catch (error) {
    if (error instanceof ComputeError) throw error;
    throw new ComputeError("ONNX Runtime could not prepare the model for WebGPU.", String(error));
  }
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
