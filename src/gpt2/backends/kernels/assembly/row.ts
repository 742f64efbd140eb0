import { blockInputs, inputBytes } from "./dots";
import {
  addPairs,
  blockShare,
  blockSumBytes,
  panelAddress,
  prefetchBytes,
  quantizedRowBytes,
  rowScaleBytes,
  startingSums,
  stepBytes,
  weightBytes,
} from "./panel";
import { Matrix, Plan } from "./plan";

const blockBytes: usize = blockInputs * inputBytes;

/** Products of one row with a panel's weights, as `multiplyTile` computes them, f32 `[8]` to `out`. */
export function multiplyRow(plan: Plan, matrix: Matrix, panel: i32, row: i32, out: usize): void {
  const rowBytes = quantizedRowBytes(matrix);
  const inputs = plan.quantized + <usize>row * rowBytes;
  const scales = plan.blockScales + <usize>row * rowScaleBytes(matrix);
  const weights = panelAddress(matrix, panel);
  if (ASC_FEATURE_RELAXED_SIMD) relaxedRow(plan, weights, inputs, inputs + rowBytes, scales, out);
  else widenedRow(weights, inputs, inputs + rowBytes, scales, out);
}

/** With relaxed SIMD. Four sums of each vector of outputs, so that no product waits for the one before it. */
function relaxedRow(plan: Plan, weights: usize, inputs: usize, rowEnd: usize, scales: usize, out: usize): void {
  const zero = i32x4.splat(0);
  const signed = plan.signedInputs;
  let low = f32x4.splat(0);
  let high = low;
  let w = weights;
  let q = inputs;
  while (q < rowEnd) {
    const end = min(q + blockBytes, rowEnd);
    let a0 = zero;
    let b0 = zero;
    if (signed) {
      const start = startingSums(plan, w + (end - q) * weightBytes);
      a0 = i32x4.shl(i32x4.extend_low_i16x8_s(start), 7);
      b0 = i32x4.shl(i32x4.extend_high_i16x8_s(start), 7);
    }
    let a1 = zero;
    let b1 = zero;
    let a2 = zero;
    let b2 = zero;
    let a3 = zero;
    let b3 = zero;
    for (; q < end; q += 16, w += 4 * stepBytes) {
      load<u8>(w, prefetchBytes);
      load<u8>(w, prefetchBytes + 64);
      let x = v128.load32_splat(q);
      a0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w), x, a0);
      b0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 16), x, b0);
      x = v128.load32_splat(q, 4);
      a1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 32), x, a1);
      b1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 48), x, b1);
      x = v128.load32_splat(q, 8);
      a2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 64), x, a2);
      b2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 80), x, b2);
      x = v128.load32_splat(q, 12);
      a3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 96), x, a3);
      b3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 112), x, b3);
    }
    const scale = v128.load32_splat(scales);
    const minimum = v128.load32_splat(scales, 4);
    const sums = v128.load(w);
    const a = i32x4.add(i32x4.add(a0, a1), i32x4.add(a2, a3));
    const b = i32x4.add(i32x4.add(b0, b1), i32x4.add(b2, b3));
    low = f32x4.add(low, blockShare(a, scale, minimum, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(sums))));
    high = f32x4.add(high, blockShare(b, scale, minimum, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(sums))));
    w += blockSumBytes;
    scales += 8;
  }
  v128.store(out, low);
  v128.store(out, high, 16);
}

/** Without relaxed SIMD: weights and inputs of 16 bits, each vector with two sums of two outputs. */
function widenedRow(weights: usize, inputs: usize, rowEnd: usize, scales: usize, out: usize): void {
  let low = f32x4.splat(0);
  let high = low;
  let w = weights;
  let q = inputs;
  while (q < rowEnd) {
    const end = min(q + blockBytes, rowEnd);
    let a = i32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (; q < end; q += 16, w += 2 * stepBytes) {
      load<u8>(w, prefetchBytes);
      let x = v128.load64_splat(q);
      a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load8x8_s(w), x));
      b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load8x8_s(w, 8), x));
      c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load8x8_s(w, 16), x));
      d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load8x8_s(w, 24), x));
      x = v128.load64_splat(q, 8);
      a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load8x8_s(w, 32), x));
      b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load8x8_s(w, 40), x));
      c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load8x8_s(w, 48), x));
      d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load8x8_s(w, 56), x));
    }
    const scale = v128.load32_splat(scales);
    const minimum = v128.load32_splat(scales, 4);
    const sums = v128.load(w);
    const lowSums = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(sums));
    const highSums = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(sums));
    low = f32x4.add(low, blockShare(addPairs(a, b), scale, minimum, lowSums));
    high = f32x4.add(high, blockShare(addPairs(c, d), scale, minimum, highSums));
    w += blockSumBytes;
    scales += 8;
  }
  v128.store(out, low);
  v128.store(out, high, 16);
}
