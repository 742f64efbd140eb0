import { type Gpt2Config, headWidth } from "./config/config";

/**
 * The formulas of GPT-2 in double precision, one function each, straight from the definitions. Matrices are row-major `Float64Array`s;
 * weights stay the 32-bit floats that they are in the file and are widened as they are used.
 *
 * Sources: Radford et al. 2019 and OpenAI's `model.py`; where they leave a choice, Hugging Face's GPT-2 and GPT-BigCode.
 */
export interface Definitions {
  readonly layerNorm: typeof layerNorm;
  readonly activations: Readonly<Record<Gpt2Config["activation"], (x: number) => number>>;
  readonly attentionScale: typeof attentionScale;
  readonly attends: typeof attends;
  readonly residual: typeof add;
}

/**
 * Layer normalization (Ba et al. 2016) of each row of `x [S, D]`: (x − mean) / √(variance + ε) · gain + bias, with the variance of the
 * population (divided by D, not D − 1).
 */
export function layerNorm(x: Float64Array, gain: Float32Array, bias: Float32Array, epsilon: number): Float64Array {
  const width = gain.length;
  const normalized = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += width) {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += x[start + i] as number;
    const mean = sum / width;
    let squares = 0;
    for (let i = 0; i < width; i++) squares += ((x[start + i] as number) - mean) ** 2;
    const scale = 1 / Math.sqrt(squares / width + epsilon);
    for (let i = 0; i < width; i++) {
      normalized[start + i] = ((x[start + i] as number) - mean) * scale * (gain[i] as number) + (bias[i] as number);
    }
  }
  return normalized;
}

/**
 * y = x·W + b for `x [S, in]` and `W [in, out]`. Four rows of W are taken at a time, each for all rows of x, so that W, by far the
 * largest, streams through the processor's cache once.
 */
export function linear(x: Float64Array, weight: Float32Array, bias: Float32Array): Float64Array {
  const outputs = bias.length;
  const inputs = weight.length / outputs;
  const rows = x.length / inputs;
  const y = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) y.set(bias, row * outputs);
  const even = inputs - (inputs % 4);
  for (let k = 0; k < even; k += 4) {
    const w0 = weight.subarray(k * outputs, (k + 1) * outputs);
    const w1 = weight.subarray((k + 1) * outputs, (k + 2) * outputs);
    const w2 = weight.subarray((k + 2) * outputs, (k + 3) * outputs);
    const w3 = weight.subarray((k + 3) * outputs, (k + 4) * outputs);
    for (let row = 0; row < rows; row++) {
      const at = row * inputs + k;
      const [x0 = 0, x1 = 0, x2 = 0, x3 = 0] = [x[at], x[at + 1], x[at + 2], x[at + 3]];
      const out = y.subarray(row * outputs, (row + 1) * outputs);
      for (let n = 0; n < outputs; n++) {
        out[n] =
          (out[n] as number) +
          x0 * (w0[n] as number) +
          x1 * (w1[n] as number) +
          x2 * (w2[n] as number) +
          x3 * (w3[n] as number);
      }
    }
  }
  for (let k = even; k < inputs; k++) {
    for (let row = 0; row < rows; row++) {
      const factor = x[row * inputs + k] as number;
      for (let n = 0; n < outputs; n++) {
        y[row * outputs + n] = (y[row * outputs + n] as number) + factor * (weight[k * outputs + n] as number);
      }
    }
  }
  return y;
}

/** The language model head: x·Eᵀ for `x [S, D]` and the table `E [V, D]`, one row of E after the other. Gives `[S, V]`. */
export function head(x: Float64Array, table: Float32Array, width: number): Float64Array {
  const rows = x.length / width;
  const vocabSize = table.length / width;
  const logits = new Float64Array(rows * vocabSize);
  for (let token = 0; token < vocabSize; token++) {
    for (let row = 0; row < rows; row++) {
      logits[row * vocabSize + token] = dot(x, row * width, table, token * width, width);
    }
  }
  return logits;
}

/** Sum of a[i]·b[i] over `length` numbers of each, in four partial sums that the processor can add side by side. */
export function dot(
  a: Float64Array,
  fromA: number,
  b: Float64Array | Float32Array,
  fromB: number,
  length: number,
): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const even = length - (length % 4);
  for (let i = 0; i < even; i += 4) {
    s0 += (a[fromA + i] as number) * (b[fromB + i] as number);
    s1 += (a[fromA + i + 1] as number) * (b[fromB + i + 1] as number);
    s2 += (a[fromA + i + 2] as number) * (b[fromB + i + 2] as number);
    s3 += (a[fromA + i + 3] as number) * (b[fromB + i + 3] as number);
  }
  for (let i = even; i < length; i++) s0 += (a[fromA + i] as number) * (b[fromB + i] as number);
  return s0 + s1 + s2 + s3;
}

/** A residual connection: x + y. */
export function add(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + (b[i] as number));
}

/** What q·k is multiplied with: 1/√hd, and in models that ask for it also 1/(layer + 1). */
export function attentionScale(config: Gpt2Config, layer: number): number {
  const scale = config.scaleAttention ? 1 / Math.sqrt(headWidth(config)) : 1;
  return config.scaleByInverseLayer ? scale / (layer + 1) : scale;
}

/** The causal mask: the token at a position sees itself and what is before it. */
export function attends(position: number, other: number): boolean {
  return other <= position;
}

/** exp(x/t) / Σ exp(x/t), with the largest x taken off first so that no power overflows. */
export function softmax(x: Float32Array | Float64Array, temperature = 1): Float64Array {
  const largest = x[argmax(x)] as number;
  const powers = Float64Array.from(x, (value) => Math.exp((value - largest) / temperature));
  let sum = 0;
  for (const power of powers) sum += power;
  return powers.map((power) => power / sum);
}

/** GELU in the tanh form of Hendrycks & Gimpel 2016, which OpenAI trained GPT-2 with. */
export function geluTanh(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

/** GELU as it is defined: x·Φ(x). */
export function geluErf(x: number): number {
  return 0.5 * x * (1 + erf(x * Math.SQRT1_2));
}

/**
 * The error function by 2/√π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·5 … (2n+1)) (Abramowitz & Stegun 7.1.6): no term is negative for x > 0,
 * so nothing cancels and the sum is good to the last bits.
 */
export function erf(x: number): number {
  if (x < 0) return -erf(-x);
  if (x > 6) return 1;
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** Index of the largest number, the first one on ties. */
export function argmax(x: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < x.length; i++) if ((x[i] as number) > (x[best] as number)) best = i;
  return best;
}

export const definitions: Definitions = {
  layerNorm,
  activations: { gelu_tanh: geluTanh, gelu_erf: geluErf, relu: (x) => Math.max(0, x) },
  attentionScale,
  attends,
  residual: add,
};
