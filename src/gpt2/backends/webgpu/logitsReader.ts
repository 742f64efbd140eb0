import type { Tensor as OrtTensor } from "onnxruntime-web/webgpu";
import { halfTable } from "../../../formats/numbers/floats";
import type { GpuFormat } from "./gpuFormat";
import { floatBytes } from "./gpuFormat";
import type { GpuRuntime } from "./gpuRuntime";

/**
 * Brings logits from the GPU. Steps write them to a buffer there; those of several steps are collected and read in one go, so that the
 * GPU is waited for once.
 */
export class LogitsReader implements Disposable {
  readonly #runtime: GpuRuntime;
  readonly #format: GpuFormat;
  readonly #vocabSize: number;
  #output: GPUBuffer | undefined;
  #staging: GPUBuffer | undefined;
  /** Rows of the steps so far, each with where they begin in the staging buffer. */
  #parts: { readonly offset: number; readonly rows: number }[] = [];

  constructor(runtime: GpuRuntime, format: GpuFormat, vocabSize: number) {
    this.#runtime = runtime;
    this.#format = format;
    this.#vocabSize = vocabSize;
  }

  /** Prepares for steps. @param rows of logits of each step */
  async begin(rows: readonly number[]): Promise<void> {
    this.#parts = [];
    const bytes = rows.map((count) => this.#bytes(count));
    const largest = Math.max(...bytes);
    const total = bytes.reduce((sum, count) => sum + count, 0);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    this.#output = await this.#grown(this.#output, largest, usage);
    this.#staging = await this.#grown(this.#staging, total, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  }

  /** The tensor that a step writes its logits to, `[1, rows, V]`. */
  tensor(rows: number): OrtTensor {
    const { Tensor } = this.#runtime.host.ort;
    const dataType = this.#format.float;
    return Tensor.fromGpuBuffer(need(this.#output), { dataType, dims: [1, rows, this.#vocabSize] });
  }

  /** Where steps write their logits, once {@link begin} was called. */
  get buffer(): GPUBuffer {
    return need(this.#output);
  }

  /** Keeps what the step has written. */
  collect(rows: number): void {
    const last = this.#parts.at(-1);
    const offset = last ? last.offset + this.#bytes(last.rows) : 0;
    this.#parts.push({ offset, rows });
    const [from, to] = [need(this.#output), need(this.#staging)];
    this.#runtime.submit((encoder) => encoder.copyBufferToBuffer(from, 0, to, offset, this.#bytes(rows)));
  }

  /** What was collected: `[rows, V]`, the steps one after the other. */
  async read(): Promise<Float32Array> {
    const staging = need(this.#staging);
    const rows = this.#parts.reduce((sum, part) => sum + part.rows, 0);
    const bytes = this.#parts.reduce((sum, part) => sum + this.#bytes(part.rows), 0);
    await this.#runtime.whileAlive(() => staging.mapAsync(GPUMapMode.READ, 0, bytes));
    const logits = new Float32Array(rows * this.#vocabSize);
    const mapped = staging.getMappedRange(0, bytes);
    let row = 0;
    for (const part of this.#parts) {
      const target = logits.subarray(row * this.#vocabSize, (row + part.rows) * this.#vocabSize);
      this.#decode(mapped, part.offset, target);
      row += part.rows;
    }
    staging.unmap();
    return logits;
  }

  [Symbol.dispose](): void {
    this.#output?.destroy();
    this.#staging?.destroy();
  }

  #decode(mapped: ArrayBuffer, offset: number, target: Float32Array): void {
    if (this.#format.float === "float32") {
      target.set(new Float32Array(mapped, offset, target.length));
      return;
    }
    const table = halfTable();
    const halves = new Uint16Array(mapped, offset, target.length);
    for (let i = 0; i < target.length; i++) target[i] = table[halves[i] as number] as number;
  }

  /** Bytes of some rows, a multiple of 8: copies and mapped ranges begin at such offsets. */
  #bytes(rows: number): number {
    return Math.ceil((rows * this.#vocabSize * floatBytes(this.#format)) / 8) * 8;
  }

  async #grown(buffer: GPUBuffer | undefined, bytes: number, usage: GPUBufferUsageFlags): Promise<GPUBuffer> {
    if (buffer && buffer.size >= bytes) return buffer;
    buffer?.destroy();
    const [grown] = await this.#runtime.allocate([Math.ceil(bytes / 16) * 16], usage);
    return need(grown);
  }
}

function need(buffer: GPUBuffer | undefined): GPUBuffer {
  if (!buffer) throw new RangeError("There are no logits to read.");
  return buffer;
}
