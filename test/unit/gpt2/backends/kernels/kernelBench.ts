import type { Gpt2Config } from "../../../../../src/gpt2/config/config";
import { HeapKvBuffer } from "../../../../../src/gpt2/kvCache/heapStorage";
import { Heap } from "../../../../../src/gpt2/backends/kernels/heap";
import { int8Layout, readInt8 } from "../../../../../src/gpt2/backends/kernels/int8Cache";
import {
  keyMatrices,
  type Plan,
  scoreBytesFor,
  scoreCapacityFor,
  tileBytes,
} from "../../../../../src/gpt2/backends/kernels/model";
import { compileKernels, instantiateKernels, type Kernels } from "../../../../../src/gpt2/backends/kernels/module";
import { blocksOf, packedBytes, packMatrix, paddedInputs } from "../../../../../src/gpt2/backends/kernels/packMatrix";
import { HeapRecord, matrixFields, planFields, schedulerFields } from "../../../../../src/gpt2/backends/kernels/plan";
import { relaxedDot } from "../../../../../src/gpt2/backends/kernels/relaxedDot";
import { oracleConfig } from "../../../../fixtures/syntheticModel";
import { type QuantizedMatrix, quantizeColumns } from "../../../../../src/gpt2/weights/quantize";

/** The target `toLogits` of `assembly/outputs.ts`. */
const toLogits = 3;

/** Factor of all attention scores. */
export const scoreScale = 0.3;

type MatrixRecord = HeapRecord<(typeof matrixFields)[number]>;

export interface Heads {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headWidth: number;
  readonly rows: number;
  readonly past: number;
}

/** What attention gave, and the numbers that it had of 8 bits. */
export interface Attended {
  readonly attended: Float32Array;
  readonly query: Float32Array;
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

/** The kernels, with numbers copied into their heap and out of it. */
export class KernelBench {
  static async open(relaxed: boolean): Promise<KernelBench> {
    const heap = new Heap();
    return new KernelBench(heap, await instantiateKernels(await compileKernels(relaxed), heap.memory), relaxed);
  }

  private constructor(
    readonly heap: Heap,
    readonly kernels: Kernels,
    private readonly relaxed: boolean,
  ) {}

  put(values: ArrayLike<number>): number {
    const address = this.heap.allocate(4 * values.length);
    this.heap.floats(address, values.length).set(values);
    return address;
  }

  zeros(count: number): number {
    return this.put(new Float32Array(count));
  }

  take(address: number, count: number): Float32Array {
    return this.heap.floats(address, count).slice();
  }

  /** x·W + b for `x [rows, inputs]` and `W [inputs, outputs]`, with 8-bit weights and quantized rows. */
  linear(x: Float32Array, matrix: Float32Array, bias: Float32Array): { y: Float32Array; weights: Float64Array } {
    const outputs = bias.length;
    const inputs = matrix.length / outputs;
    const quantized = quantizeColumns(matrix, inputs, outputs);
    const rows = x.length / inputs;
    const plan = this.#plan(rows, inputs, outputs, relaxedDot() === "signed");
    const source = this.put(x);
    const rowBytes = paddedInputs(inputs) * (this.relaxed ? 1 : 2);
    for (let row = 0; row < rows; row++) {
      const target = plan.get("quantized") + row * rowBytes;
      const blockScales = plan.get("blockScales") + row * 8 * blocksOf(inputs);
      this.kernels.quantize(plan.address, source + 4 * row * inputs, target, inputs, blockScales);
    }
    const y = this.#multiply(plan, this.#matrix(quantized, inputs, bias));
    return { y, weights: Float64Array.from(quantized.values, (v, i) => v * (quantized.scales[i % outputs] as number)) };
  }

  /**
   * Integer products of quantized rows `[rows, inputs]` with weights `[inputs, outputs]` as relaxed SIMD computes them. The inputs are
   * bytes as they are stored.
   * @param inputs a multiple of 16
   */
  multiplyStored(stored: Uint8Array, weights: Int8Array, inputs: number, signedInputs: boolean): Float32Array {
    const outputs = weights.length / inputs;
    const rows = stored.length / inputs;
    const plan = this.#plan(rows, inputs, outputs, signedInputs);
    this.heap.bytes.set(stored, plan.get("quantized"));
    for (let block = 0; block < rows * blocksOf(inputs); block++) {
      this.heap.floats(plan.get("blockScales"), 2 * rows * blocksOf(inputs)).set([1, 0], 2 * block);
    }
    const ones = { values: weights, scales: new Float32Array(outputs).fill(1) };
    return this.#multiply(plan, this.#matrix(ones, inputs, new Float32Array(outputs)));
  }

  /** Attention of the rows of `query` over keys and values `[past + rows, kvHeads·headWidth]`, which it caches. */
  attend(query: Float32Array, keys: Float32Array, values: Float32Array, heads: Heads): Attended {
    const { heap, kernels } = this;
    const { rows, past } = heads;
    const { heads: count, kvHeads, headWidth } = heads;
    const config = { ...oracleConfig("gpt2-tiny"), heads: count, kvHeads, width: count * headWidth, layers: 1 };
    const capacity = 16 * Math.ceil((past + rows) / 16);
    const buffer = new HeapKvBuffer(heap, int8Layout(config), capacity);
    const plan = this.#attentionPlan(config, heads, buffer);
    // The rows of the past are those of an earlier step.
    plan.set({
      rows: past,
      past: 0,
      keys: this.put(keys),
      values: this.put(values),
      query: this.zeros(past * config.width),
    });
    for (let row = 0; row < past; row++) kernels.cacheRow(plan.address, 0, row);
    const [newKeys, newValues] = [keys, values].map((all) => this.put(all.slice(past * kvHeads * headWidth)));
    plan.set({ rows, past, keys: newKeys ?? 0, values: newValues ?? 0, query: this.put(query) });
    for (let row = 0; row < rows; row++) kernels.cacheRow(plan.address, 0, row);
    const quantizedQuery = this.#quantizedQuery(plan, heads);
    kernels.attention(plan.address, 0, kernels.attentionPieces(plan.address, 0), 0, scoreScale, 0);
    const read = readInt8(heap, config);
    return {
      attended: this.take(plan.get("attended"), rows * config.width),
      query: quantizedQuery,
      keys: read(buffer, 0, "key", past + rows),
      values: read(buffer, 0, "value", past + rows),
    };
  }

  #attentionPlan(config: Gpt2Config, { headWidth, rows, past }: Heads, buffer: HeapKvBuffer): Plan {
    const { heap } = this;
    const { width, heads, kvHeads } = config;
    const scoreCapacity = scoreCapacityFor(past + rows);
    const queries = Math.max(rows, past) * heads;
    return new HeapRecord(heap, planFields, {
      ...{ threads: 1, width, heads, kvHeads, headWidth, paddedHeadWidth: paddedInputs(headWidth), layerCount: 2 },
      signedInputs: relaxedDot() === "signed" ? 1 : 0,
      scheduler: new HeapRecord(heap, schedulerFields).address,
      quantized: heap.allocate(queries * paddedInputs(headWidth) * 2),
      blockScales: heap.allocate(queries * 8 * blocksOf(headWidth)),
      tiles: heap.allocate(tileBytes),
      attended: this.zeros(rows * width),
      scores: this.zeros(scoreBytesFor(scoreCapacity) / 4),
      scoreCapacity,
      keyMatrices: keyMatrices(heap, headWidth, 1),
      cache: buffer.address(0),
      cacheCapacity: buffer.capacity,
    });
  }

  /** The queries that the plan's rows were quantized to, `[rows, heads, headWidth]`. */
  #quantizedQuery(plan: Plan, { heads, headWidth, rows }: Heads): Float32Array {
    const rowBytes = paddedInputs(headWidth) * (this.relaxed ? 1 : 2);
    const offset = plan.get("signedInputs") && this.relaxed ? 128 : 0;
    const out = new Float32Array(rows * heads * headWidth);
    for (let head = 0; head < heads; head++) {
      for (let row = 0; row < rows; row++) {
        const at = plan.get("quantized") + (head * rows + row) * rowBytes;
        const integers = this.relaxed ? this.heap.bytes : new Uint16Array(this.heap.memory.buffer);
        const blocks = blocksOf(headWidth);
        const scales = this.heap.floats(plan.get("blockScales") + (head * rows + row) * 8 * blocks, 2 * blocks);
        for (let i = 0; i < headWidth; i++) {
          const [scale = NaN, minimum = NaN] = scales.subarray(2 * Math.floor(i / 128));
          const integer = (integers[at / integers.BYTES_PER_ELEMENT + i] as number) ^ offset;
          out[(row * heads + head) * headWidth + i] = minimum + scale * integer;
        }
      }
    }
    return out;
  }

  #matrix({ values, scales }: QuantizedMatrix, inputs: number, bias: Float32Array): MatrixRecord {
    const { heap } = this;
    const outputs = bias.length;
    const bytes = packedBytes(inputs, outputs);
    const weights = heap.allocate(bytes);
    packMatrix(values, inputs, outputs, heap.bytes.subarray(weights, weights + bytes).fill(0));
    return new HeapRecord(heap, matrixFields, {
      weights,
      scales: this.put(padded(scales)),
      bias: this.put(padded(bias)),
      outputs,
      inputs,
      paddedInputs: paddedInputs(inputs),
    });
  }

  #plan(rows: number, inputs: number, outputs: number, signedInputs: boolean): Plan {
    const { heap } = this;
    return new HeapRecord(heap, planFields, {
      ...{ threads: 1, rows, logitRows: rows, signedInputs: signedInputs ? 1 : 0 },
      quantized: heap.allocate(rows * paddedInputs(inputs) * 2),
      blockScales: heap.allocate(rows * 8 * blocksOf(inputs)),
      tiles: heap.allocate(tileBytes),
      logits: this.zeros(rows * outputs),
    });
  }

  #multiply(plan: Plan, matrix: MatrixRecord): Float32Array {
    const outputs = matrix.get("outputs");
    const rows = plan.get("rows");
    this.kernels.linear(plan.address, matrix.address, 0, Math.ceil(outputs / 8), 0, rows, toLogits, 0);
    return this.take(plan.get("logits"), rows * outputs);
  }
}

/** Zeros appended up to a multiple of 8. */
function padded(values: Float32Array): Float32Array {
  const result = new Float32Array(8 * Math.ceil(values.length / 8));
  result.set(values);
  return result;
}
