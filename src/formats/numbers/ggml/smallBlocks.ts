/**
 * ggml's types with blocks of 32 numbers x. A block has a scale d (half precision) and, in some types, an offset m; q is an integer, and the
 * low halves of 16 bytes hold q₀…q₁₅, the high halves q₁₆…q₃₁.
 *
 * - `Q4_0`: d, 16 bytes; x = d·(q − 8)
 * - `Q4_1`: d, m, 16 bytes; x = d·q + m
 * - `Q5_0`: d, 32 fifth bits, 16 bytes; x = d·(q − 16)
 * - `Q5_1`: d, m, 32 fifth bits, 16 bytes; x = d·q + m
 * - `Q8_0`: d, 32 signed bytes; x = d·q
 * - `IQ4_NL`: as `Q4_0`, with x = d·v(q) and v from a table
 * - `MXFP4`: an exponent e, 16 bytes; x = 2^(e − 128)·v(q), where v(q) is twice a 4-bit float (OCP Microscaling Formats, E2M1 and E8M0)
 *
 * Source: `block_q4_0` … `block_mxfp4` in ggml-common.h.
 */
import { halfTable } from "../floats";
import type { Layout } from "../layout";

/** Numbers in a block. */
export const blockLength = 32;
const half = blockLength / 2;

export const q4_0: Layout = blocks(18, (bytes, at, out, index) => {
  const scale = halfAt(bytes, at);
  for (let i = 0; i < half; i++) {
    const pair = bytes[at + 2 + i] as number;
    out[index + i] = scale * ((pair & 15) - 8);
    out[index + half + i] = scale * ((pair >> 4) - 8);
  }
});

export const q4_1: Layout = blocks(20, (bytes, at, out, index) => {
  const scale = halfAt(bytes, at);
  const offset = halfAt(bytes, at + 2);
  for (let i = 0; i < half; i++) {
    const pair = bytes[at + 4 + i] as number;
    out[index + i] = scale * (pair & 15) + offset;
    out[index + half + i] = scale * (pair >> 4) + offset;
  }
});

export const q5_0: Layout = blocks(22, (bytes, at, out, index) => {
  const scale = halfAt(bytes, at);
  for (let i = 0; i < blockLength; i++) out[index + i] = scale * (fiveBits(bytes, at + 2, i) - 16);
});

export const q5_1: Layout = blocks(24, (bytes, at, out, index) => {
  const scale = halfAt(bytes, at);
  const offset = halfAt(bytes, at + 2);
  for (let i = 0; i < blockLength; i++) out[index + i] = scale * fiveBits(bytes, at + 4, i) + offset;
});

export const q8_0: Layout = {
  length: blockLength,
  bytes: 34,
  // The type that most files are in is worth a loop of its own.
  decode: (bytes, out) => {
    const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0, index = 0; index < out.length; at += 34, index += blockLength) {
      const scale = halfAt(bytes, at);
      for (let i = 0; i < blockLength; i++) out[index + i] = scale * (signed[at + 2 + i] as number);
    }
  },
};

/** The values of 4 bits in `IQ4_NL` and `IQ4_XS`. */
export const nonlinearValues = Int8Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

export const iq4_nl: Layout = blocks(18, (bytes, at, out, index) => {
  lookUp(bytes, at + 2, nonlinearValues, halfAt(bytes, at), out, index);
});

/** Twice the values of E2M1, the 4-bit float with two bits of exponent and one of fraction. */
const floatValues = Int8Array.of(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

export const mxfp4: Layout = blocks(17, (bytes, at, out, index) => {
  lookUp(bytes, at + 1, floatValues, 2 ** ((bytes[at] as number) - 128), out, index);
});

/** Writes d·v(q) of the 32 numbers in the 16 bytes from `at` on. */
export function lookUp(
  bytes: Uint8Array,
  at: number,
  values: Int8Array,
  scale: number,
  out: Float32Array,
  index: number,
): void {
  for (let i = 0; i < half; i++) {
    const pair = bytes[at + i] as number;
    out[index + i] = scale * (values[pair & 15] as number);
    out[index + half + i] = scale * (values[pair >> 4] as number);
  }
}

/** Number `i` of a block whose 32 fifth bits lie at `at`, and the other four bits in the 16 bytes after them. */
function fiveBits(bytes: Uint8Array, at: number, i: number): number {
  const fifth = ((bytes[at + (i >> 3)] as number) >> (i & 7)) & 1;
  const pair = bytes[at + 4 + (i & 15)] as number;
  return (i < half ? pair & 15 : pair >> 4) | (fifth << 4);
}

/** A layout from the function that decodes one block, of which there may be many. */
export function blocks(
  bytesOfBlock: number,
  decodeBlock: (bytes: Uint8Array, at: number, out: Float32Array, index: number) => void,
  length = blockLength,
): Layout {
  return {
    length,
    bytes: bytesOfBlock,
    decode: (bytes, out) => {
      for (let at = 0, index = 0; index < out.length; at += bytesOfBlock, index += length) {
        decodeBlock(bytes, at, out, index);
      }
    },
  };
}

/** A half-precision number. */
export function halfAt(bytes: Uint8Array, at: number): number {
  return halfTable()[shortAt(bytes, at)] as number;
}

/** A little-endian u16. */
export function shortAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

/** 32 bits, little-endian. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return shortAt(bytes, at) | (shortAt(bytes, at + 2) << 16);
}
