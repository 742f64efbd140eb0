import { largestLane, sumLanes } from "./functions";

/**
 * Layer normalization of a row: (x − mean) / √(variance + ε) · gain + bias. `width` is a multiple of 4.
 */
export function layerNorm(x: usize, gain: usize, bias: usize, out: usize, width: i32, epsilon: f32): void {
  const bytes = (<usize>width) << 2;
  let sum = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) sum = f32x4.add(sum, v128.load(x + i));
  const mean = f32x4.splat(sumLanes(sum) / <f32>width);
  let squares = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const centred = f32x4.sub(v128.load(x + i), mean);
    squares = f32x4.add(squares, f32x4.mul(centred, centred));
  }
  const factor = f32x4.splat(<f32>1 / sqrt<f32>(sumLanes(squares) / <f32>width + epsilon));
  for (let i: usize = 0; i < bytes; i += 16) {
    const normalized = f32x4.mul(f32x4.sub(v128.load(x + i), mean), factor);
    v128.store(out + i, f32x4.add(f32x4.mul(normalized, v128.load(gain + i)), v128.load(bias + i)));
  }
}

/** Added to a quantised number so that it is not negative and falls into two digits of 7 bits. */
export const offset: i32 = 8192;

/**
 * Quantises a row of `count` numbers, a multiple of 4, to integers between −`range` and `range`, zeros behind it up to a multiple of 16.
 * With |w| ≤ 127 and `range` = min(8191, ⌊(2³¹ − 1) / (127·K)⌋) no sum of K products leaves 32 bits, so the products are exact: what a
 * row gives does not depend on its neighbours, on the order of additions, or on the instructions.
 *
 * Without relaxed SIMD the numbers are 16-bit integers. With it they are split, because its 8-bit product takes 7 bits (0 to 127) of one
 * side: q + 8192 = 128·high + low, of each 16 numbers first the high digits, then the low ones. So w·q = 128·(w·high) + w·low − 8192·Σw,
 * where sums on the way may wrap around.
 * @returns the scale: a number is its integer times that
 */
export function quantize(x: usize, out: usize, count: i32, range: f32): f32 {
  const bytes = (<usize>count) << 2;
  let largest = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) largest = f32x4.max(largest, f32x4.abs(v128.load(x + i)));
  const magnitude = largestLane(largest);
  const factor = f32x4.splat(magnitude > 0 ? range / magnitude : 0);
  for (let i: usize = 0; i < bytes; i += 64) {
    const a = rounded(x, i, bytes, factor);
    const b = rounded(x, i + 16, bytes, factor);
    const c = rounded(x, i + 32, bytes, factor);
    const d = rounded(x, i + 48, bytes, factor);
    const first = i16x8.narrow_i32x4_s(a, b);
    const second = i16x8.narrow_i32x4_s(c, d);
    const target = out + (i >> 1);
    if (ASC_FEATURE_RELAXED_SIMD) {
      const shifted1 = i16x8.add(first, i16x8.splat(<i16>offset));
      const shifted2 = i16x8.add(second, i16x8.splat(<i16>offset));
      const low = i16x8.splat(127);
      v128.store(target, i8x16.narrow_i16x8_u(i16x8.shr_u(shifted1, 7), i16x8.shr_u(shifted2, 7)));
      v128.store(target, i8x16.narrow_i16x8_u(v128.and(shifted1, low), v128.and(shifted2, low)), 16);
    } else {
      v128.store(target, first);
      v128.store(target, second, 16);
    }
  }
  return magnitude / range;
}

function rounded(x: usize, i: usize, bytes: usize, factor: v128): v128 {
  if (i >= bytes) return i32x4.splat(0);
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x + i), factor)));
}
