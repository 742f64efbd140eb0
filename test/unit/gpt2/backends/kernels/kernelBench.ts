import { Heap } from "../../../../../src/gpt2/backends/kernels/heap";
import { type Plan, tileBytes } from "../../../../../src/gpt2/backends/kernels/model";
import { compileKernels, instantiateKernels, type Kernels } from "../../../../../src/gpt2/backends/kernels/module";
import { blocksOf, packedBytes, packMatrix, paddedInputs } from "../../../../../src/gpt2/backends/kernels/packMatrix";
import { HeapRecord, matrixFields, planFields, schedulerFields } from "../../../../../src/gpt2/backends/kernels/plan";
import { relaxedDot } from "../../../../../src/gpt2/backends/kernels/relaxedDot";
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

  /** Attention of the rows of `query` over a cache of `capacity` positions, the keys before the values. */
  attend(query: Float32Array, cache: Float32Array, { heads, kvHeads, headWidth, rows, past }: Heads): Float32Array {
    const { heap } = this;
    const width = heads * headWidth;
    const capacity = cache.length / (2 * kvHeads * headWidth);
    const plan = new HeapRecord(heap, planFields, {
      ...{ threads: 1, width, heads, kvHeads, headWidth, rows, past, scoreCapacity: capacity },
      scheduler: new HeapRecord(heap, schedulerFields).address,
      query: this.put(query),
      attended: this.zeros(rows * width),
      scores: this.zeros(Math.max(2 * heads, 8) * capacity),
      cache: this.put(cache),
      cacheBlockBytes: 2 * cache.length,
    });
    this.kernels.attention(plan.address, 0, this.kernels.attentionPieces(plan.address), 0, scoreScale, 0);
    return this.take(plan.get("attended"), rows * width);
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
    this.kernels.linear(plan.address, matrix.address, 0, Math.ceil(outputs / 8), 0, rows, toLogits, 0, 0);
    return this.take(plan.get("logits"), rows * outputs);
  }
}

/** Zeros appended up to a multiple of 8. */
function padded(values: Float32Array): Float32Array {
  const result = new Float32Array(8 * Math.ceil(values.length / 8));
  result.set(values);
  return result;
}
