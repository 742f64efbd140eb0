import assert from "node:assert/strict";
import { definitions, geluErf, geluTanh, softmax } from "../../../../../src/gpt2/definitions";
import { Heap } from "../../../../../src/gpt2/backends/kernels/heap";
import {
  compileKernels,
  hasRelaxedSimd,
  instantiateKernels,
  type Kernels,
} from "../../../../../src/gpt2/backends/kernels/module";
import { blocksOf, inputRange, packedBytes, packMatrix } from "../../../../../src/gpt2/backends/kernels/packMatrix";
import { HeapRecord, matrixFields, meetingFields, planFields } from "../../../../../src/gpt2/backends/kernels/plan";
import { quantizeColumns } from "../../../../../src/gpt2/weights/quantize";
import { maxDifference } from "../../../../fixtures/runtime";

const toLogits = 3;

/** The kernels with numbers put into their heap and taken out again. */
class Bench {
  readonly heap = new Heap();

  static async open(relaxed: boolean): Promise<Bench> {
    const heap = new Heap();
    return new Bench(heap, await instantiateKernels(await compileKernels(relaxed), heap.memory));
  }

  private constructor(
    heap: Heap,
    readonly kernels: Kernels,
  ) {
    this.heap = heap;
  }

  put(values: ArrayLike<number>): number {
    const address = this.heap.allocate(4 * values.length);
    this.heap.floats(address, values.length).set(values);
    return address;
  }

  room(count: number): number {
    return this.put(new Float32Array(count));
  }

  take(address: number, count: number): Float32Array {
    return this.heap.floats(address, count).slice();
  }

  /** x·W + b for `x [rows, inputs]` and `W [inputs, outputs]`, by way of 8-bit weights and quantised rows. */
  linear(x: Float32Array, matrix: Float32Array, bias: Float32Array): { y: Float32Array; weights: Float64Array } {
    const { heap, kernels } = this;
    const outputs = bias.length;
    const inputs = matrix.length / outputs;
    const rows = x.length / inputs;
    const { values, scales } = quantizeColumns(matrix, inputs, outputs);
    const bytes = packedBytes(inputs, outputs);
    const weights = heap.allocate(bytes);
    const corrections = packMatrix(values, inputs, outputs, heap.bytes.subarray(weights, weights + bytes).fill(0));
    const padded = 4 * Math.ceil(outputs / 4);
    const record = new HeapRecord(heap, matrixFields, {
      weights,
      scales: this.put(Float32Array.from({ length: padded }, (_, i) => scales[i] ?? 0)),
      corrections: heap.allocate(4 * padded),
      bias: this.put(Float32Array.from({ length: padded }, (_, i) => bias[i] ?? 0)),
      outputs,
      inputs,
      blocks: blocksOf(inputs),
      range: inputRange(inputs),
    });
    heap.words(record.get("corrections"), padded).fill(0).set(corrections);
    const rowBytes = 32 * blocksOf(inputs);
    const plan = new HeapRecord(heap, planFields, {
      threads: 1,
      meeting: new HeapRecord(heap, meetingFields).address,
      quantized: heap.allocate(rows * rowBytes),
      quantizedScales: this.room(rows),
      logits: this.room(rows * outputs),
    });
    const source = this.put(x);
    for (let row = 0; row < rows; row++) {
      const target = plan.get("quantized") + row * rowBytes;
      const scale = kernels.quantize(source + 4 * row * inputs, target, inputs, inputRange(inputs));
      heap.floats(plan.get("quantizedScales"), rows)[row] = scale;
    }
    kernels.linear(plan.address, record.address, 0, Math.ceil(outputs / 4), 0, rows, toLogits, 0);
    return {
      y: this.take(plan.get("logits"), rows * outputs),
      weights: Float64Array.from(values, (value, i) => value * (scales[i % outputs] as number)),
    };
  }

  /** What the heads find for the rows of `query` in a cache of `capacity` positions, the keys before the values. */
  attend(query: Float32Array, cache: Float32Array, { heads, kvHeads, headWidth, rows, past }: Heads): Float32Array {
    const { heap } = this;
    const width = heads * headWidth;
    const capacity = cache.length / (2 * kvHeads * headWidth);
    const plan = new HeapRecord(heap, planFields, {
      ...{ threads: 1, width, heads, kvHeads, headWidth, rows, past, scoreCapacity: capacity },
      meeting: new HeapRecord(heap, meetingFields).address,
      query: this.put(query),
      attended: this.room(rows * width),
      scores: this.room(2 * heads * capacity),
      cache: this.put(cache),
      cacheBlockBytes: 2 * cache.length,
    });
    this.kernels.attention(plan.address, 0, this.kernels.attentionPieces(plan.address), 0, scoreScale, 0);
    return this.take(plan.get("attended"), rows * width);
  }
}

interface Heads {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headWidth: number;
  readonly rows: number;
  readonly past: number;
}

const scoreScale = 0.3;

for (const relaxed of [false, true]) {
  describe(`the kernels ${relaxed ? "with" : "without"} relaxed SIMD, against double precision`, () => {
    let bench: Bench;
    before(async () => {
      assert.ok(hasRelaxedSimd(), "Node has relaxed SIMD");
      bench = await Bench.open(relaxed);
    });

    it("compute powers to a few units in the last place", () => {
      const x = Float32Array.from({ length: 4000 }, (_, i) => -87 + i * 0.0435);
      const out = bench.room(x.length);
      bench.kernels.expAll(bench.put(x), out, x.length);
      bench.take(out, x.length).forEach((power, i) => {
        const expected = Math.exp(x[i] as number);
        assert.ok(Math.abs(power - expected) <= 3e-7 * expected, `exp(${x[i]}) as ${power}`);
      });
    });

    const activations = [geluTanh, geluErf, (x: number) => Math.max(0, x)];
    activations.forEach((definition, form) => {
      it(`activate the hidden layer: ${["GELU, tanh", "GELU, erf", "ReLU"][form]}`, () => {
        const x = Float32Array.from({ length: 4000 }, (_, i) => -20 + i * 0.01);
        const out = bench.room(x.length);
        bench.kernels.activateAll(form, bench.put(x), out, x.length);
        bench.take(out, x.length).forEach((value, i) => {
          const at = x[i] as number;
          assert.ok(Math.abs(value - definition(at)) <= 5e-7 * Math.max(1, Math.abs(at)), `${at}: ${value}`);
        });
      });
    });

    it("normalise a row", () => {
      const [x, gain, bias] = [random(132, 1, 3), random(132, 2), random(132, 3)];
      const out = bench.room(132);
      bench.kernels.layerNorm(bench.put(x), bench.put(gain), bench.put(bias), out, 132, 1e-5);
      const expected = definitions.layerNorm(Float64Array.from(x), gain, bias, 1e-5);
      assert.ok(maxDifference(bench.take(out, 132), expected) < 2e-6);
    });

    for (const [inputs, outputs, rows] of [
      [64, 16, 1],
      [20, 7, 3],
      [132, 33, 5],
      [3072, 4, 2],
    ] as const) {
      it(`multiply ${rows} rows with a matrix [${inputs}, ${outputs}]`, () => {
        const x = random(rows * inputs, 4);
        const bias = random(outputs, 6);
        const { y, weights } = bench.linear(x, random(inputs * outputs, 5), bias);
        for (let row = 0; row < rows; row++) {
          const input = x.subarray(row * inputs, (row + 1) * inputs);
          // Half a step of rounding for each input.
          const step = input.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) / inputRange(inputs);
          for (let n = 0; n < outputs; n++) {
            let [expected, magnitude] = [bias[n] as number, 0];
            for (let k = 0; k < inputs; k++) {
              const weight = weights[k * outputs + n] as number;
              expected += weight * (input[k] as number);
              magnitude += Math.abs(weight);
            }
            const difference = Math.abs((y[row * outputs + n] as number) - expected);
            assert.ok(difference <= (step / 2) * magnitude + 1e-5, `row ${row}, output ${n}: ${difference}`);
          }
        }
      });
    }

    for (const sign of [1, -1]) {
      it(`do not overflow when all weights and inputs are at their largest, ${sign > 0 ? "alike" : "opposed"}`, () => {
        const inputs = 6400;
        const x = new Float32Array(2 * inputs).fill(sign * 3);
        const { y } = bench.linear(x, new Float32Array(inputs * 4).fill(2), new Float32Array(4));
        for (const value of y) assert.ok(Math.abs(value - sign * 6 * inputs) < 1e-6 * 6 * inputs, `${value}`);
      });
    }

    it("give zeros for zeros", () => {
      assert.deepEqual(bench.linear(new Float32Array(32), random(64, 7), new Float32Array(2)).y, new Float32Array(2));
    });

    for (const [heads, kvHeads, headWidth, rows, past] of [
      [4, 4, 64, 1, 0],
      [2, 2, 32, 5, 11],
      [4, 2, 16, 2, 21],
      [5, 5, 16, 1, 37],
      [3, 1, 20, 4, 6],
      [2, 2, 12, 3, 130],
    ] as const) {
      it(`attend with ${heads} heads (${kvHeads} of keys) of ${headWidth}, ${rows} rows behind ${past}`, () => {
        const [width, kvWidth] = [heads * headWidth, kvHeads * headWidth];
        const total = past + rows;
        const capacity = 16 * Math.ceil(total / 16);
        // Rows that nobody may look at hold what would be seen.
        const cache = random(2 * capacity * kvWidth, 8).fill(1e9, total * kvWidth, capacity * kvWidth);
        const query = random(rows * width, 9);
        const expected = new Float64Array(rows * width);
        for (let row = 0; row < rows; row++) {
          for (let head = 0; head < heads; head++) {
            const at = row * width + head * headWidth;
            const column = Math.floor((head * kvHeads) / heads) * headWidth;
            const key = (position: number, i: number) => cache[position * kvWidth + column + i] as number;
            const value = (position: number, i: number) =>
              cache[(capacity + position) * kvWidth + column + i] as number;
            const weights = softmax(
              Float64Array.from({ length: past + row + 1 }, (_, position) => {
                let product = 0;
                for (let i = 0; i < headWidth; i++) product += (query[at + i] as number) * key(position, i);
                return product * scoreScale;
              }),
            );
            weights.forEach((weight, position) => {
              for (let i = 0; i < headWidth; i++)
                expected[at + i] = (expected[at + i] as number) + weight * value(position, i);
            });
          }
        }
        const attended = bench.attend(query, cache, { heads, kvHeads, headWidth, rows, past });
        assert.ok(maxDifference(attended, expected) < 3e-6);
      });
    }

    it("give no weight to what is far below the likeliest", () => {
      const capacity = 16;
      const attend = (rows: number, score: number) => {
        const cache = new Float32Array(2 * capacity * 4);
        cache[4] = score / scoreScale;
        cache.fill(1, capacity * 4, (capacity + rows) * 4).fill(1e30, (capacity + 1) * 4, (capacity + 2) * 4);
        const query = Float32Array.from({ length: 4 * rows }, (_, i) => (i % 4 === 0 ? 1 : 0));
        return bench.attend(query, cache, { heads: 1, kvHeads: 1, headWidth: 4, rows, past: 0 })[4 * rows - 1] ?? NaN;
      };
      for (const rows of [2, 3]) {
        assert.ok(Math.abs(attend(rows, -28) - 1) < 1e-6);
        assert.ok(attend(rows, -24) > 1e7);
      }
    });
  });
}

/** Numbers around 0, the same for the same seed. */
function random(count: number, seed: number, scale = 1): Float32Array {
  let state = seed * 0x9e3779b9;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state / 2 ** 31) * scale;
  });
}
