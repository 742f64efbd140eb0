/**
 * ggml's block formats: 32 numbers share one half-precision scale d.
 *
 * - `Q8_0`, 34 bytes: d, then 32 signed bytes q; x = d·q.
 * - `Q4_0`, 18 bytes: d, then 16 bytes that hold q₀…q₁₅ in their low and q₁₆…q₃₁ in their high halves; x = d·(q − 8).
 *
 * Source: `block_q8_0`, `block_q4_0` and their `quantize_row_*_ref` in ggml-common.h and ggml-quants.c.
 */
import { floatToHalf, halfTable } from "./floats";

/** Numbers in a block. */
export const blockLength = 32;
export const q8BlockBytes = 34;
export const q4BlockBytes = 18;

/** Writes the numbers of `blocks` (Q8_0) to `out`, whose length says how many. */
export function dequantiseQ8(blocks: Uint8Array, out: Float32Array): void {
  const halves = halfTable();
  const signed = new Int8Array(blocks.buffer, blocks.byteOffset, blocks.byteLength);
  for (let at = 0, index = 0; index < out.length; at += q8BlockBytes, index += blockLength) {
    const scale = halves[(blocks[at] as number) | ((blocks[at + 1] as number) << 8)] as number;
    for (let i = 0; i < blockLength; i++) out[index + i] = scale * (signed[at + 2 + i] as number);
  }
}

/** Writes the numbers of `blocks` (Q4_0) to `out`, whose length says how many. */
export function dequantiseQ4(blocks: Uint8Array, out: Float32Array): void {
  const halves = halfTable();
  const half = blockLength / 2;
  for (let at = 0, index = 0; index < out.length; at += q4BlockBytes, index += blockLength) {
    const scale = halves[(blocks[at] as number) | ((blocks[at + 1] as number) << 8)] as number;
    for (let i = 0; i < half; i++) {
      const pair = blocks[at + 2 + i] as number;
      out[index + i] = scale * ((pair & 15) - 8);
      out[index + half + i] = scale * ((pair >> 4) - 8);
    }
  }
}

/** Quantises to Q8_0, d = max|x| / 127. The length must be a multiple of {@link blockLength}. */
export function quantiseQ8(values: Float32Array): Uint8Array {
  const blocks = new Uint8Array((values.length / blockLength) * q8BlockBytes);
  for (let at = 0, index = 0; index < values.length; at += q8BlockBytes, index += blockLength) {
    let largest = 0;
    for (let i = 0; i < blockLength; i++) {
      const magnitude = Math.abs(values[index + i] as number);
      if (magnitude > largest) largest = magnitude;
    }
    const inverse = writeScale(blocks, at, largest / 127);
    for (let i = 0; i < blockLength; i++) {
      blocks[at + 2 + i] = roundAwayFromZero(Math.fround((values[index + i] as number) * inverse));
    }
  }
  return blocks;
}

/** Quantises to Q4_0, d = −(the number of largest magnitude) / 8. The length must be a multiple of {@link blockLength}. */
export function quantiseQ4(values: Float32Array): Uint8Array {
  const blocks = new Uint8Array((values.length / blockLength) * q4BlockBytes);
  const half = blockLength / 2;
  for (let at = 0, index = 0; index < values.length; at += q4BlockBytes, index += blockLength) {
    let largest = 0;
    for (let i = 0; i < blockLength; i++) {
      const value = values[index + i] as number;
      if (Math.abs(value) > Math.abs(largest)) largest = value;
    }
    const inverse = writeScale(blocks, at, largest / -8);
    const level = (i: number) => Math.min(15, Math.trunc((values[index + i] as number) * inverse + 8.5));
    for (let i = 0; i < half; i++) blocks[at + 2 + i] = level(i) | (level(half + i) << 4);
  }
  return blocks;
}

/** Stores a block's scale and returns its inverse in 32 bits, which ggml takes of the scale before it is rounded to a half. */
function writeScale(blocks: Uint8Array, at: number, exact: number): number {
  const scale = Math.fround(exact);
  const bits = floatToHalf(scale);
  blocks[at] = bits & 255;
  blocks[at + 1] = bits >> 8;
  return scale === 0 ? 0 : Math.fround(1 / scale);
}

/** C's roundf: halves go away from zero (Math.round takes them up). */
function roundAwayFromZero(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}
