import type { Tensor as OrtTensor } from "onnxruntime-web/webgpu";
import type { Gpt2Config } from "../../config/config";
import type { BlockTable } from "../../weights/embeddings";
import type { Embeddings } from "../../weights/preparedWeights";
import { ComputePipeline } from "./computePipeline";
import type { GpuRuntime } from "./gpuRuntime";
import { embedLanes, embedShader } from "./embedShader";
import { storageBuffer } from "./storageBuffers";

export interface EmbeddingLookupOptions {
  readonly runtime: GpuRuntime;
  readonly config: Gpt2Config;
  readonly embeddings: Embeddings;
}

/** The embedding tables on the GPU, and the rows that are looked up there for tokens that JavaScript does not know yet. */
export class EmbeddingLookup implements Disposable {
  /** The row that was looked up last, `[1, 1, D]`. */
  readonly x: OrtTensor;
  readonly #device: GPUDevice;
  readonly #pipeline: ComputePipeline;
  readonly #parameters: GPUBuffer;
  readonly #output: GPUBuffer;
  readonly #tables: readonly GPUBuffer[];
  readonly #width: number;

  private constructor(
    { runtime, config }: EmbeddingLookupOptions,
    kind: "float" | "blocks",
    buffers: readonly GPUBuffer[],
  ) {
    const { device, host } = runtime;
    this.#device = device;
    this.#width = config.width;
    this.#pipeline = new ComputePipeline(device, embedShader(config.width, kind));
    this.#parameters = device.createBuffer({ size: 8, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    this.#tables = buffers;
    this.#output = storageBuffer(device, 4 * config.width);
    const dims = [1, 1, config.width];
    this.x = host.ort.Tensor.fromGpuBuffer(this.#output, { dataType: "float32", dims });
  }

  /** @returns undefined when a table is larger than a shader may be given, or there is no memory for it */
  static async open(options: EmbeddingLookupOptions): Promise<EmbeddingLookup | undefined> {
    const { runtime, embeddings } = options;
    const { device } = runtime;
    const { table } = embeddings.token;
    const kind = table instanceof Float32Array ? "float" : "blocks";
    const position = embeddings.position.table;
    if (!(position instanceof Float32Array)) return undefined;
    const arrays = [position, ...arraysOf(table)];
    const largest = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
    if (arrays.some(({ byteLength }) => byteLength > largest)) return undefined;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    const sizes = arrays.map(({ byteLength }) => byteLength);
    const buffers = await runtime.allocate(sizes, usage).catch((error: unknown) => {
      if (runtime.failure) throw error;
      return undefined;
    });
    if (!buffers) return undefined;
    buffers.forEach((buffer, i) => {
      const array = arrays[i];
      if (array) device.queue.writeBuffer(buffer, 0, array);
    });
    return new EmbeddingLookup(options, kind, buffers);
  }

  /** Bytes of the tables. */
  get bytes(): number {
    return this.#tables.reduce((sum, { size }) => sum + size, 0);
  }

  /** @param row of the choices whose token is looked up @param position of that token */
  prepare(row: number, position: number): void {
    this.#device.queue.writeBuffer(this.#parameters, 0, Uint32Array.of(row, position));
  }

  dispatch(pass: GPUComputePassEncoder, chosen: GPUBuffer): void {
    const [positions, ...tokens] = this.#tables;
    if (!positions) return;
    const buffers = [chosen, this.#parameters, positions, this.#output, ...tokens];
    this.#pipeline.dispatch(pass, buffers, Math.ceil(this.#width / embedLanes));
  }

  [Symbol.dispose](): void {
    for (const buffer of [this.#parameters, this.#output, ...this.#tables]) buffer.destroy();
  }
}

function arraysOf(table: Float32Array | BlockTable): readonly (Float32Array | Int8Array)[] {
  return table instanceof Float32Array ? [table] : [table.values, table.scales];
}
