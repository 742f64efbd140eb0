/** Encodes numbers as ggml's `Q8_0` and `Q4_0`, as `quantize_row_q8_0_ref` and `quantize_row_q4_0_ref` in ggml-quants.c do. */
import { floatToHalf } from "../floats";
import { blockLength, q4_0, q8_0 } from "./smallBlocks";

/** Quantizes to Q8_0, d = max|x| / 127. The length must be a multiple of {@link blockLength}. */
export function quantizeQ8(values: Float32Array): Uint8Array {
  const blocks = new Uint8Array((values.length / blockLength) * q8_0.bytes);
  for (let at = 0, index = 0; index < values.length; at += q8_0.bytes, index += blockLength) {
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

/** Quantizes to Q4_0, d = −(the number of largest magnitude) / 8. The length must be a multiple of {@link blockLength}. */
export function quantizeQ4(values: Float32Array): Uint8Array {
  const blocks = new Uint8Array((values.length / blockLength) * q4_0.bytes);
  const half = blockLength / 2;
  for (let at = 0, index = 0; index < values.length; at += q4_0.bytes, index += blockLength) {
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
