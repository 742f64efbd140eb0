import assert from "node:assert/strict";
import { definitions, geluErf, geluTanh, softmax } from "../../../../../src/gpt2/definitions";
import { reservedBytes } from "../../../../../src/gpt2/backends/kernels/heap";
import { relaxedDot } from "../../../../../src/gpt2/backends/kernels/relaxedDot";
import { maxDifference } from "../../../../fixtures/runtime";
import { type Attended, type Heads, KernelBench, scoreScale } from "./kernelBench";

/** A machine that cannot use the module with relaxed SIMD never runs it (`relaxedDot.test.ts`). */
const exact = ["unsigned", "signed"].includes(relaxedDot());

for (const relaxed of exact ? [false, true] : [false]) {
  describe(`the kernels ${relaxed ? "with" : "without"} relaxed SIMD, against double precision`, () => {
    let bench: KernelBench;
    before(async () => {
      bench = await KernelBench.open(relaxed);
    });

    it("keep their constants in the memory that the heap reserves", () => {
      assert.ok(bench.kernels.constantsEnd() <= reservedBytes);
    });

    it("compute powers as well as their exponents are rounded", () => {
      const x = Float32Array.from({ length: 4000 }, (_, i) => -87 + i * 0.0435);
      const out = bench.zeros(x.length);
      bench.kernels.expAll(bench.put(x), out, x.length);
      bench.take(out, x.length).forEach((power, i) => {
        const expected = Math.exp(x[i] as number);
        const tolerance = 3e-7 + 2 ** -23 * Math.abs(x[i] as number);
        assert.ok(Math.abs(power - expected) <= tolerance * expected, `exp(${x[i]}) as ${power}`);
      });
    });

    it("add up powers of any number of logits, also of impossible ones", () => {
      for (const count of [1, 3, 4, 7, 64, 65, 1003]) {
        const x = Float32Array.from(random(count, count, 8), (value, i) => (i % 5 === 3 ? -Infinity : 700 + value));
        const address = bench.put(x);
        const largest = bench.kernels.largestOfAll(address, count);
        assert.equal(largest, Math.max(...x));
        const expected = x.reduce((sum, value) => sum + Math.exp(value - largest), 0);
        const sum = bench.kernels.sumExp(address, count, largest);
        assert.ok(Math.abs(sum - expected) <= 1e-6 * expected, `${count}: ${sum} for ${expected}`);
      }
    });

    const activations = [geluTanh, geluErf, (x: number) => Math.max(0, x)];
    activations.forEach((definition, form) => {
      it(`activate the hidden layer: ${["GELU, tanh", "GELU, erf", "ReLU"][form]}`, () => {
        const x = Float32Array.from({ length: 4000 }, (_, i) => -20 + i * 0.01);
        const out = bench.zeros(x.length);
        bench.kernels.activateAll(form, bench.put(x), out, x.length);
        bench.take(out, x.length).forEach((value, i) => {
          const at = x[i] as number;
          assert.ok(Math.abs(value - definition(at)) <= 5e-7 * Math.max(1, Math.abs(at)), `${at}: ${value}`);
        });
      });
    });

    it("normalize a row", () => {
      const [x, gain, bias] = [random(132, 1, 3), random(132, 2), random(132, 3)];
      const out = bench.zeros(132);
      bench.kernels.layerNorm(bench.put(x), bench.put(gain), bench.put(bias), out, 132, 1e-5);
      const expected = definitions.layerNorm(Float64Array.from(x), gain, bias, 1e-5);
      assert.ok(maxDifference(bench.take(out, 132), expected) < 2e-6);
    });

    for (const [inputs, outputs, rows] of [
      [64, 16, 1],
      [20, 7, 3],
      [132, 33, 5],
      [260, 12, 4],
      [128, 20, 13],
      [3072, 4, 2],
    ] as const) {
      it(`multiply ${rows} rows with a matrix [${inputs}, ${outputs}]`, () => {
        const x = random(rows * inputs, 4);
        const bias = random(outputs, 6);
        const { y, weights } = bench.linear(x, random(inputs * outputs, 5), bias);
        for (let row = 0; row < rows; row++) {
          const input = x.subarray(row * inputs, (row + 1) * inputs);
          for (let n = 0; n < outputs; n++) {
            let [expected, rounding] = [bias[n] as number, 0];
            for (let k = 0; k < inputs; k++) {
              const weight = weights[k * outputs + n] as number;
              expected += weight * (input[k] as number);
              // Half a step for each input.
              rounding += (Math.abs(weight) * stepOf(input, k)) / 2;
            }
            const difference = Math.abs((y[row * outputs + n] as number) - expected);
            assert.ok(difference <= rounding + 1e-5, `row ${row}, output ${n}: ${difference}`);
          }
        }
      });
    }

    for (const sign of [1, -1]) {
      it(`do not overflow with the largest weights and inputs, ${sign > 0 ? "alike" : "opposed"}`, () => {
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
      [2, 2, 8, 21, 50],
      [1, 1, 132, 7, 9],
      [1, 1, 4, 1, 2100],
    ] as const) {
      it(`attend with ${heads} heads (${kvHeads} of keys) of ${headWidth}, ${rows} rows after ${past}`, () => {
        const count = (past + rows) * kvHeads * headWidth;
        const [query, keys, values] = [random(rows * heads * headWidth, 9), random(count, 8), random(count, 10)];
        const shape = { heads, kvHeads, headWidth, rows, past };
        const quantized = bench.attend(query, keys, values, shape);
        assertSteps(quantized.keys, keys, (i) => headStep(keys, headWidth, i));
        assertSteps(quantized.values, values, (i) => headStep(values, headWidth, i));
        assertSteps(quantized.query, query, (i) =>
          stepOf(query.subarray(i - (i % headWidth)).subarray(0, headWidth), i % headWidth),
        );
        const { expected, rounding } = attention(quantized, shape);
        quantized.attended.forEach((value, i) => {
          const [exactValue, tolerance] = [expected[i] as number, rounding[i] as number];
          assert.ok(Math.abs(value - exactValue) <= tolerance + 3e-6, `${i}: ${value} for ${exactValue}, ${tolerance}`);
        });
      });
    }

    it("give no weight to scores far below the largest", () => {
      const attend = (rows: number, score: number) => {
        const keys = new Float32Array(rows * 4);
        keys[4] = score / scoreScale;
        const values = new Float32Array(rows * 4).fill(1).fill(1e30, 4, 8);
        const query = Float32Array.from({ length: 4 * rows }, (_, i) => (i % 4 === 0 ? 1 : 0));
        const heads = { heads: 1, kvHeads: 1, headWidth: 4, rows, past: 0 };
        return bench.attend(query, keys, values, heads).attended[4 * rows - 1] ?? NaN;
      };
      for (const rows of [2, 3]) {
        assert.ok(Math.abs(attend(rows, -28) - 1) < 1e-4);
        assert.ok(attend(rows, -24) > 1e7);
      }
    });
  });
}

if (exact) {
  it("the kernels with relaxed SIMD add what signed inputs are stored without", async () => {
    // Bytes up to 127 are the same signed and unsigned, so that each machine can compute this. They stand for inputs from 128 to 255.
    const inputs = 144;
    const bench = await KernelBench.open(true);
    for (const rows of [1, 2, 5]) {
      const stored = Uint8Array.from({ length: rows * inputs }, (_, i) => (i * 37) % 128);
      const weights = Int8Array.from({ length: inputs * 8 }, (_, i) => ((i * 53) % 255) - 127);
      const sums = bench.multiplyStored(stored, weights, inputs, true);
      for (const [i, sum] of sums.entries()) {
        const row = stored.subarray(Math.floor(i / 8) * inputs);
        let expected = 0;
        for (let k = 0; k < inputs; k++) expected += (weights[k * 8 + (i % 8)] as number) * ((row[k] as number) + 128);
        assert.equal(sum, expected);
      }
    }
  });
}

/** Asserts that numbers differ by half a step at most. @param stepOf that of an index */
function assertSteps(quantized: Float32Array, numbers: Float32Array, stepOf: (index: number) => number): void {
  quantized.forEach((value, i) => {
    const difference = Math.abs(value - (numbers[i] as number));
    assert.ok(difference <= 0.501 * stepOf(i), `${i}: ${difference}, step ${stepOf(i)}`);
  });
}

/** The step of a head's keys, or values: those of a position have one scale. */
function headStep(numbers: Float32Array, width: number, i: number): number {
  const start = i - (i % width);
  return Math.max(...numbers.subarray(start, start + width).map(Math.abs)) / 127;
}

/** Attention in double precision, and by how much its results may differ when weights are integers of 14 bits. */
function attention({ query, keys, values }: Attended, { heads, kvHeads, headWidth, rows, past }: Heads) {
  const expected = new Float64Array(query.length);
  const rounding = new Float64Array(query.length);
  for (let row = 0; row < rows; row++) {
    for (let head = 0; head < heads; head++) {
      const at = (row * heads + head) * headWidth;
      const kvHead = Math.floor((head * kvHeads) / heads);
      const startOf = (position: number) => (position * kvHeads + kvHead) * headWidth;
      const of = (numbers: Float32Array, start: number) => Array.from(numbers.subarray(start, start + headWidth));
      const seen = Array.from({ length: past + row + 1 }, (_, position) => startOf(position));
      const scores = seen.map((start) => {
        return scoreScale * of(keys, start).reduce((sum, k, i) => sum + k * (query[at + i] as number), 0);
      });
      const weights = softmax(Float64Array.from(scores));
      const scaled = seen.map((start, i) => (weights[i] as number) * Math.max(...of(values, start).map(Math.abs)));
      const step = Math.max(Math.max(...scaled) / 16383, scaled.reduce((a, b) => a + b, 0) / (127 * 16.5e6));
      for (let i = 0; i < headWidth; i++) {
        expected[at + i] = seen.reduce(
          (sum, start, p) => sum + (weights[p] as number) * (values[start + i] as number),
          0,
        );
        rounding[at + i] = 0.5 * step * seen.length;
      }
    }
  }
  return { expected, rounding };
}

/** The step of quantization of the block of 128 inputs that `k` is in. */
function stepOf(inputs: Float32Array, k: number): number {
  const start = k - (k % 128);
  const block = inputs.subarray(start, start + 128);
  return (Math.max(...block) - Math.min(...block)) / 255;
}

/** Numbers around 0, the same for the same seed. */
function random(count: number, seed: number, scale = 1): Float32Array {
  let state = seed * 0x9e3779b9;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state / 2 ** 31) * scale;
  });
}
