import { blockInputs, dotInputs, inputBytes } from "./dots";
import {
  addBlock,
  addPairs,
  blockSumBytes,
  panelAddress,
  quantizedRowBytes,
  rowScaleBytes,
  startingSums,
  stepBytes,
  weightBytes,
} from "./panel";
import { Matrix, Plan } from "./plan";

/**
 * Rows of a tile at most. Six rows with two vectors of sums each are as many as fit the registers (without relaxed SIMD one fewer, as products
 * are added in a second instruction), and enough that no product waits for the one before it in its sum.
 */
export const tileRows: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/**
 * Outputs of one pass over a panel: without relaxed SIMD a vector of sums belongs to two outputs (each with two sums) instead of four, so
 * that it takes two passes.
 */
const passOutputs: usize = ASC_FEATURE_RELAXED_SIMD ? 8 : 4;
const passBytes: usize = passOutputs * dotInputs;

/** Bytes of the inputs of one product. */
const stepInputBytes: usize = dotInputs * inputBytes;

/**
 * Products of the rows from `row` on with a panel's weights, f32 `[rows, 8]` to `out`, without scales of outputs. A row's sums are added
 * in the same order in tiles of any height: a block's integers are exact, and the blocks follow one another.
 * @param rows 2 to {@link tileRows}
 */
export function multiplyTile(plan: Plan, matrix: Matrix, panel: i32, row: i32, rows: i32, out: usize): void {
  clear(out, rows);
  for (let pass: usize = 0; pass < stepBytes; pass += passBytes) {
    if (rows == 6) tile6(plan, matrix, panel, row, pass, out + pass);
    else if (rows == 5) tile5(plan, matrix, panel, row, pass, out + pass);
    else if (rows == 4) tile4(plan, matrix, panel, row, pass, out + pass);
    else if (rows == 3) tile3(plan, matrix, panel, row, pass, out + pass);
    else tile2(plan, matrix, panel, row, pass, out + pass);
  }
}

/** Some stores take less time than a call of the host's `memory.fill`. */
function clear(out: usize, rows: i32): void {
  const zero = f32x4.splat(0);
  for (let at = out; at < out + ((<usize>rows) << 5); at += 32) {
    v128.store(at, zero);
    v128.store(at, zero, 16);
  }
}

function tile6(plan: Plan, matrix: Matrix, panel: i32, row: i32, pass: usize, out: usize): void {
  Tile.multiply(6, plan, matrix, panel, row, pass, out);
}

function tile5(plan: Plan, matrix: Matrix, panel: i32, row: i32, pass: usize, out: usize): void {
  Tile.multiply(5, plan, matrix, panel, row, pass, out);
}

function tile4(plan: Plan, matrix: Matrix, panel: i32, row: i32, pass: usize, out: usize): void {
  Tile.multiply(4, plan, matrix, panel, row, pass, out);
}

function tile3(plan: Plan, matrix: Matrix, panel: i32, row: i32, pass: usize, out: usize): void {
  Tile.multiply(3, plan, matrix, panel, row, pass, out);
}

function tile2(plan: Plan, matrix: Matrix, panel: i32, row: i32, pass: usize, out: usize): void {
  Tile.multiply(2, plan, matrix, panel, row, pass, out);
}

/** Four inputs of a row in every lane, or twice when they are of 16 bits. */
export function loadInputs(address: usize): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? v128.load32_splat(address) : v128.load64_splat(address);
}

export function loadWeights(address: usize): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? v128.load(address) : v128.load8x8_s(address);
}

/** Adds products of weights and inputs to sums, four or two of each sum: see {@link passOutputs}. */
export function multiplyAdd(weights: v128, inputs: v128, sums: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, inputs, sums);
  return i32x4.add(sums, i32x4.dot_i16x8_s(weights, inputs));
}

/** A class only because methods may have decorators where functions may not. */
class Tile {
  /**
   * The body of a tile. `height` is a constant where this is inlined, and what belongs to further rows is left out. With up to three rows the
   * sums of further rows are those of every second step, for two products of a sum cannot overlap.
   */
  @inline
  static multiply(height: i32, plan: Plan, matrix: Matrix, panel: i32, row: i32, pass: usize, out: usize): void {
    const twoSteps = height <= 3;
    const rowBytes = quantizedRowBytes(matrix);
    const scaleBytes = rowScaleBytes(matrix);
    const q0 = plan.quantized + <usize>row * rowBytes;
    const q1 = q0 + rowBytes;
    const q2 = q1 + rowBytes;
    const q3 = q2 + rowBytes;
    const q4 = q3 + rowBytes;
    const q5 = q4 + rowBytes;
    let scales = plan.blockScales + <usize>row * scaleBytes;
    let w = panelAddress(matrix, panel);
    for (let k: usize = 0; k < rowBytes; scales += 8) {
      const end = min(k + blockInputs * inputBytes, rowBytes);
      const packedStart = startingSums(plan, w + (end - k) * weightBytes);
      const initial0 = i32x4.shl(i32x4.extend_low_i16x8_s(packedStart), 7);
      const initial1 = i32x4.shl(i32x4.extend_high_i16x8_s(packedStart), 7);
      let a0 = initial0;
      let b0 = initial1;
      let a1 = initial0;
      let b1 = initial1;
      let a2 = initial0;
      let b2 = initial1;
      // Of further rows, or of the second step.
      const further0 = twoSteps ? i32x4.splat(0) : initial0;
      const further1 = twoSteps ? i32x4.splat(0) : initial1;
      let a3 = further0;
      let b3 = further1;
      let a4 = further0;
      let b4 = further1;
      let a5 = further0;
      let b5 = further1;
      for (; k < end; k += stepInputBytes) {
        const weights0 = loadWeights(ASC_FEATURE_RELAXED_SIMD ? w : w + pass);
        const weights1 = loadWeights((ASC_FEATURE_RELAXED_SIMD ? w : w + pass) + (passBytes >> 1));
        w += stepBytes;
        let inputs = loadInputs(q0 + k);
        a0 = multiplyAdd(weights0, inputs, a0);
        b0 = multiplyAdd(weights1, inputs, b0);
        inputs = loadInputs(q1 + k);
        a1 = multiplyAdd(weights0, inputs, a1);
        b1 = multiplyAdd(weights1, inputs, b1);
        if (height > 2) {
          inputs = loadInputs(q2 + k);
          a2 = multiplyAdd(weights0, inputs, a2);
          b2 = multiplyAdd(weights1, inputs, b2);
        }
        if (height > 3) {
          inputs = loadInputs(q3 + k);
          a3 = multiplyAdd(weights0, inputs, a3);
          b3 = multiplyAdd(weights1, inputs, b3);
        }
        if (height > 4) {
          inputs = loadInputs(q4 + k);
          a4 = multiplyAdd(weights0, inputs, a4);
          b4 = multiplyAdd(weights1, inputs, b4);
        }
        if (height > 5) {
          inputs = loadInputs(q5 + k);
          a5 = multiplyAdd(weights0, inputs, a5);
          b5 = multiplyAdd(weights1, inputs, b5);
        }
        if (twoSteps) {
          k += stepInputBytes;
          const weights2 = loadWeights(ASC_FEATURE_RELAXED_SIMD ? w : w + pass);
          const weights3 = loadWeights((ASC_FEATURE_RELAXED_SIMD ? w : w + pass) + (passBytes >> 1));
          w += stepBytes;
          inputs = loadInputs(q0 + k);
          a3 = multiplyAdd(weights2, inputs, a3);
          b3 = multiplyAdd(weights3, inputs, b3);
          inputs = loadInputs(q1 + k);
          a4 = multiplyAdd(weights2, inputs, a4);
          b4 = multiplyAdd(weights3, inputs, b4);
          if (height > 2) {
            inputs = loadInputs(q2 + k);
            a5 = multiplyAdd(weights2, inputs, a5);
            b5 = multiplyAdd(weights3, inputs, b5);
          }
        }
      }
      if (twoSteps) {
        a0 = i32x4.add(a0, a3);
        b0 = i32x4.add(b0, b3);
        a1 = i32x4.add(a1, a4);
        b1 = i32x4.add(b1, b4);
        a2 = i32x4.add(a2, a5);
        b2 = i32x4.add(b2, b5);
      }
      const packedSums = v128.load(w);
      w += blockSumBytes;
      const high = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(packedSums));
      const low = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(packedSums));
      const weightSums0 = pass == 0 ? low : high;
      const weightSums1 = high;
      addRow(out, a0, b0, scales, weightSums0, weightSums1);
      addRow(out + 32, a1, b1, scales + scaleBytes, weightSums0, weightSums1);
      if (height > 2) addRow(out + 64, a2, b2, scales + 2 * scaleBytes, weightSums0, weightSums1);
      if (height > 3) addRow(out + 96, a3, b3, scales + 3 * scaleBytes, weightSums0, weightSums1);
      if (height > 4) addRow(out + 128, a4, b4, scales + 4 * scaleBytes, weightSums0, weightSums1);
      if (height > 5) addRow(out + 160, a5, b5, scales + 5 * scaleBytes, weightSums0, weightSums1);
    }
  }
}

/** Adds a block's share to a row of a tile. @param a and `b` are its two vectors of sums */
function addRow(out: usize, a: v128, b: v128, scales: usize, weightSums0: v128, weightSums1: v128): void {
  const scale = v128.load32_splat(scales);
  const minimum = v128.load32_splat(scales, 4);
  if (ASC_FEATURE_RELAXED_SIMD) {
    addBlock(out, a, scale, minimum, weightSums0);
    addBlock(out + 16, b, scale, minimum, weightSums1);
  } else {
    addBlock(out, addPairs(a, b), scale, minimum, weightSums0);
  }
}
