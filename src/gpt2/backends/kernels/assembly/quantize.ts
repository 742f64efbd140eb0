import { roundingBias } from "./constants";
import { blockInputs, inputBytes } from "./dots";
import { largestOf, smallestOf } from "./functions";
import { Plan } from "./plan";

/** A block with less between its smallest and largest number is constant: the inverse of that would not be a number. */
const smallestRange: f32 = 1e-30;

/**
 * Quantizes a row of `count` numbers, a multiple of 4, in blocks of {@link blockInputs}: x = minimum + scale·q with q from 0 to 255, so that
 * a block's smallest and largest number are exact. With the weights' integers w and their sum Σw over a block,
 * Σ w·x = scale·Σ w·q + minimum·Σw; no sum of integer products leaves 24 bits, so all of them are exact, also as floats.
 * The row is filled up to a multiple of 16 with numbers that are multiplied with weights of 0.
 * @param blockScales for scale and minimum of each block
 */
export function quantize(plan: Plan, x: usize, out: usize, count: i32, blockScales: usize): void {
  const flip = i8x16.splat(plan.signedInputs ? -128 : 0);
  const bytes = (<usize>count) << 2;
  for (let start: usize = 0; start < bytes; start += blockInputs << 2) {
    const end = min(start + (blockInputs << 2), bytes);
    quantizeBlock(x + start, x + end, out + (start >> 2) * inputBytes, blockScales, flip);
    blockScales += 8;
  }
}

function quantizeBlock(x: usize, end: usize, out: usize, blockScale: usize, flip: v128): void {
  const low = smallestOf(x, end);
  const range = largestOf(x, end) - low;
  store<f32>(blockScale, range / 255);
  store<f32>(blockScale, low, 4);
  const minimum = f32x4.splat(low);
  const factor = f32x4.splat(range > smallestRange ? <f32>255 / range : 0);
  const bias = roundingBias();
  for (let at = x; at < end; at += 64) {
    const a = rounded(at, end, minimum, factor, bias);
    const b = rounded(at + 16, end, minimum, factor, bias);
    const c = rounded(at + 32, end, minimum, factor, bias);
    const d = rounded(at + 48, end, minimum, factor, bias);
    const first = i16x8.narrow_i32x4_s(a, b);
    const second = i16x8.narrow_i32x4_s(c, d);
    if (ASC_FEATURE_RELAXED_SIMD) {
      v128.store(out, v128.xor(i8x16.narrow_i16x8_u(first, second), flip));
      out += 16;
    } else {
      v128.store(out, first);
      v128.store(out, second, 16);
      out += 32;
    }
  }
}

/** Nearest integers, which the bias leaves in the lowest bits of a sum; 0 from `end` on. */
function rounded(at: usize, end: usize, minimum: v128, factor: v128, bias: v128): v128 {
  if (at >= end) return i32x4.splat(0);
  return i32x4.sub(f32x4.add(f32x4.mul(f32x4.sub(v128.load(at), minimum), factor), bias), bias);
}
