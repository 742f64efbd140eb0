import { blockInputs, inputBytes } from "./dots";
import {
  addBlock,
  addPairs,
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

/** Products of one row with a panel's weights, as `multiplyTile` computes them, f32 `[8]` to `out`. */
export function multiplyRow(plan: Plan, matrix: Matrix, panel: i32, row: i32, out: usize): void {
  const rowBytes = quantizedRowBytes(matrix);
  const inputs = plan.quantized + <usize>row * rowBytes;
  let scales = plan.blockScales + <usize>row * rowScaleBytes(matrix);
  let weights = panelAddress(matrix, panel);
  memory.fill(out, 0, 32);
  const blockBytes = blockInputs * inputBytes;
  for (let k: usize = 0; k < rowBytes; k += blockBytes, scales += 8) {
    const bytes = min(blockBytes, rowBytes - k);
    if (ASC_FEATURE_RELAXED_SIMD) relaxedBlock(plan, weights, inputs + k, bytes, scales, out);
    else widenedBlock(weights, inputs + k, bytes, scales, out);
    weights += bytes * weightBytes + blockSumBytes;
  }
}

/** A block with relaxed SIMD. Four sums of each vector of outputs, so that no product waits for the one before it. */
function relaxedBlock(plan: Plan, weights: usize, inputs: usize, bytes: usize, scales: usize, out: usize): void {
  const end = inputs + bytes;
  const start = startingSums(plan, weights + bytes * weightBytes);
  let a0 = i32x4.shl(i32x4.extend_low_i16x8_s(start), 7);
  let b0 = i32x4.shl(i32x4.extend_high_i16x8_s(start), 7);
  let a1 = i32x4.splat(0);
  let b1 = a1;
  let a2 = a1;
  let b2 = a1;
  let a3 = a1;
  let b3 = a1;
  let w = weights;
  for (let q = inputs; q < end; q += 16, w += 4 * stepBytes) {
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
  const a = i32x4.add(i32x4.add(a0, a1), i32x4.add(a2, a3));
  const b = i32x4.add(i32x4.add(b0, b1), i32x4.add(b2, b3));
  const sums = v128.load(w);
  addBlock(out, a, scale, minimum, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(sums)));
  addBlock(out + 16, b, scale, minimum, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(sums)));
}

/** A block without relaxed SIMD: weights and inputs of 16 bits, each vector with two sums of two outputs. */
function widenedBlock(weights: usize, inputs: usize, bytes: usize, scales: usize, out: usize): void {
  const end = inputs + bytes;
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let w = weights;
  for (let q = inputs; q < end; q += 16, w += 2 * stepBytes) {
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
  addBlock(out, addPairs(a, b), scale, minimum, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(sums)));
  addBlock(out + 16, addPairs(c, d), scale, minimum, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(sums)));
}
