/**
 * Floating point in 16 bits (IEEE half precision F16, bfloat16 BF16), to and from 32-bit floats, and in 8 bits, to them.
 * Rounding is to nearest, ties to even, as numpy, PyTorch and ggml do.
 */

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

function bitsOf(value: number): number {
  float[0] = value;
  return word[0] as number;
}

function floatOf(bits: number): number {
  word[0] = bits;
  return float[0] as number;
}

/** The value of a half-precision float given its 16 bits. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The 16 bits of the half-precision float nearest to `value`; beyond 65504 that is infinity. */
export function floatToHalf(value: number): number {
  const bits = bitsOf(value);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  // Below 2⁻¹⁴ halves are multiples of 2⁻²⁴, which is the spacing of 32-bit floats just above 0.5: adding 0.5 rounds.
  if (magnitude < 0x38800000) return sign | (bitsOf(Math.abs(value) + 0.5) - 0x3f000000);
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

/** The 16 bits of the bfloat16 nearest to `value`. */
export function floatToBfloat(value: number): number {
  const bits = bitsOf(value);
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** The value of a bfloat16 given its 16 bits. */
export function bfloatToFloat(bits: number): number {
  return floatOf((bits << 16) >>> 0);
}

/**
 * The value of an 8-bit float with 4 bits of exponent (bias 7) and 3 of fraction. It has no infinities; all ones are NaN.
 * Source: Micikevicius et al. 2022, "FP8 formats for deep learning".
 */
export function float8E4M3(bits: number): number {
  const sign = bits & 0x80 ? -1 : 1;
  const exponent = (bits >> 3) & 15;
  const fraction = bits & 7;
  if (exponent === 15 && fraction === 7) return NaN;
  return exponent === 0 ? sign * fraction * 2 ** -9 : sign * (1 + fraction / 8) * 2 ** (exponent - 7);
}

/** The value of an 8-bit float with 5 bits of exponent and 2 of fraction: the upper byte of a half. */
export function float8E5M2(bits: number): number {
  return halfToFloat(bits << 8);
}

/** Every number as 16 bits, by {@link floatToHalf} or {@link floatToBfloat}. */
export function toShorts(values: Float32Array, encode: (value: number) => number): Uint16Array {
  const shorts = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) shorts[i] = encode(values[i] as number);
  return shorts;
}

let halves: Float32Array | undefined;

/** All 65536 half-precision values, indexed by their bits: looking up is several times faster than computing. */
export function halfTable(): Float32Array {
  return (halves ??= Float32Array.from({ length: 65536 }, (_, bits) => halfToFloat(bits)));
}
