import { blockInputs, inputBytes } from "./dots";
import { Matrix, Plan } from "./plan";

/** Weights are packed in panels of eight outputs, see `../packMatrix.ts`. */
export const panelOutputs: i32 = 8;

/** Bytes of a panel's weights for four inputs. */
export const stepBytes: usize = 32;

/** Bytes of weights for each byte of a quantized row. */
export const weightBytes: usize = <usize>panelOutputs / inputBytes;

/** Bytes of a panel's sums over a block, eight 16-bit integers, which follow the block's weights. */
export const blockSumBytes: usize = 16;

/**
 * A kernel touches the weights so many bytes ahead, which loads them into the cache: the processor's own prefetching is not enough. A step
 * of one token, which reads all weights once, takes a tenth less. See `packedBytes`.
 */
export const prefetchBytes: usize = 2048;

const cacheLine: usize = 64;

/** Panels of a matrix, the last one filled up with outputs of zero weights. */
export function panelsOf(matrix: Matrix): i32 {
  return (matrix.outputs + panelOutputs - 1) / panelOutputs;
}

function blocksOf(matrix: Matrix): usize {
  return (<usize>matrix.paddedInputs + blockInputs - 1) / blockInputs;
}

export function panelBytes(matrix: Matrix): usize {
  return <usize>(matrix.paddedInputs * panelOutputs) + blocksOf(matrix) * blockSumBytes;
}

export function panelAddress(matrix: Matrix, panel: i32): usize {
  return matrix.weights + <usize>panel * panelBytes(matrix);
}

/**
 * Reads a panel into the cache. The products of several rows take so many instructions that a processor, which looks a few hundred ahead, waits
 * for memory again and again; loads alone are all on their way at once.
 */
export function loadPanel(matrix: Matrix, panel: i32): void {
  const start = panelAddress(matrix, panel);
  const end = start + panelBytes(matrix);
  for (let at = start; at < end; at += 4 * cacheLine) {
    load<u8>(at);
    load<u8>(at, cacheLine);
    load<u8>(at, 2 * cacheLine);
    load<u8>(at, 3 * cacheLine);
  }
}

/** Bytes of a quantized row of a matrix's inputs. */
export function quantizedRowBytes(matrix: Matrix): usize {
  return <usize>matrix.paddedInputs * inputBytes;
}

/** Bytes of the scales and minima of such a row's blocks. */
export function rowScaleBytes(matrix: Matrix): usize {
  return blocksOf(matrix) << 3;
}

/**
 * What the sums of a block start at: 0, or 128 times the sums of its weights at `address` where inputs are stored less 128. In 16 bits, to be
 * widened and multiplied with 128.
 */
export function startingSums(plan: Plan, address: usize): v128 {
  if (!ASC_FEATURE_RELAXED_SIMD || !plan.signedInputs) return i16x8.splat(0);
  return v128.load(address);
}

/** A block's share of four outputs of a row: scale·sums + minimum·Σw. */
export function blockShare(sums: v128, scale: v128, minimum: v128, weightSums: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(sums), scale), f32x4.mul(weightSums, minimum));
}

/** Adds a block's share to four outputs of a row. */
export function addBlock(out: usize, sums: v128, scale: v128, minimum: v128, weightSums: v128): void {
  v128.store(out, f32x4.add(v128.load(out), blockShare(sums, scale, minimum, weightSums)));
}

/** Sums of neighboring lanes, `[a0 + a1, a2 + a3, b0 + b1, b2 + b3]`. */
export function addPairs(a: v128, b: v128): v128 {
  return i32x4.add(i32x4.shuffle(a, b, 0, 2, 4, 6), i32x4.shuffle(a, b, 1, 3, 5, 7));
}
