import { largestLane, largestOf, powerBelow, scaledIntegers, sumLanes } from "./functions";

/** The largest weight as an integer: 14 bits. */
const largestInteger: f32 = 16383;

/**
 * What integer weights add up to at most: with values of 127 a sum is still below 2³¹. Rounding may add a half for each position.
 */
const largestSum: f32 = 16.5e6;

/** Values whose weights are all smaller count as zeros: the inverse would not be a number. */
const smallestWeight: f32 = 1e-30;

/**
 * Turns a row's scores into integers that values in 8 bits are multiplied with: what softmax gives, times the scale of each value. A score
 * that is 26 below the largest gets no weight (see `powerBelow`).
 * @param count positions, a multiple of 16. Those that the row does not see have a score of −∞
 * @param valueScales f32 `[count]`
 * @param weights for the integers, see {@link storeWeights}
 * @param weightBytes of the upper halves
 * @returns the scale of the integers
 */
export function softmax(scores: usize, count: i32, valueScales: usize, weights: usize, weightBytes: usize): f32 {
  const end = scores + ((<usize>count) << 2);
  const shift = f32x4.splat(largestOf(scores, end));
  let sum = f32x4.splat(0);
  let scaledSum = sum;
  let largest = sum;
  let scales = valueScales;
  for (let at = scores; at < end; at += 16, scales += 16) {
    const power = powerBelow(v128.load(at), shift);
    const scaled = f32x4.mul(power, v128.load(scales));
    v128.store(at, scaled);
    sum = f32x4.add(sum, power);
    scaledSum = f32x4.add(scaledSum, scaled);
    largest = f32x4.pmax(largest, scaled);
  }
  const most = largestLane(largest);
  const factor = most > smallestWeight ? min(largestInteger / most, largestSum / sumLanes(scaledSum)) : 0;
  storeWeights(scores, end, f32x4.splat(factor), weights, weightBytes);
  return factor > 0 ? <f32>1 / (sumLanes(sum) * factor) : 0;
}

/**
 * Rounds weights to integers of 14 bits: in halves of 7 bits each, bytes that relaxed SIMD multiplies alike on all machines, the upper
 * ones before the lower ones; without relaxed SIMD in 16 bits.
 */
function storeWeights(from: usize, end: usize, factor: v128, out: usize, weightBytes: usize): void {
  const mask = i16x8.splat(127);
  for (let at = from; at < end; at += 64) {
    const first = i16x8.narrow_i32x4_s(scaledIntegers(at, factor), scaledIntegers(at + 16, factor));
    const second = i16x8.narrow_i32x4_s(scaledIntegers(at + 32, factor), scaledIntegers(at + 48, factor));
    if (ASC_FEATURE_RELAXED_SIMD) {
      v128.store(out, i8x16.narrow_i16x8_u(i16x8.shr_u(first, 7), i16x8.shr_u(second, 7)));
      v128.store(out + weightBytes, i8x16.narrow_i16x8_u(v128.and(first, mask), v128.and(second, mask)));
      out += 16;
    } else {
      v128.store(out, first);
      v128.store(out, second, 16);
      out += 32;
    }
  }
}
