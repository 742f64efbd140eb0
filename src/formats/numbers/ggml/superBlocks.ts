/**
 * ggml's K-quants: blocks of 256 numbers, made of sub-blocks whose own scales (and offsets) are integers, in units of the block's
 * half-precision d (and dmin). Source: `block_q2_K` … `block_q6_K` in ggml-common.h.
 */
import type { Layout } from "../layout";
import { blocks, halfAt } from "./smallBlocks";

const length = 256;

/** 16 sub-blocks of 16: x = d·scale·q − dmin·offset, with q in 2 bits, scale and offset in the halves of a byte. */
export const q2_K: Layout = blocks(
  84,
  (bytes, at, out, index) => {
    const scale = halfAt(bytes, at + 80);
    const offset = halfAt(bytes, at + 82);
    for (let sub = 0; sub < 16; sub++) {
      const both = bytes[at + sub] as number;
      const subScale = scale * (both & 15);
      const subOffset = offset * (both >> 4);
      const { from, shift } = twoBits(sub);
      for (let i = 0; i < 16; i++) {
        const q = ((bytes[at + 16 + from + i] as number) >> shift) & 3;
        out[index + 16 * sub + i] = subScale * q - subOffset;
      }
    }
  },
  length,
);

/** 16 sub-blocks of 16: x = d·(scale − 32)·(q − 4), with two bits of q packed as in `Q2_K`, the third in a mask, and scales of 6 bits. */
export const q3_K: Layout = blocks(
  110,
  (bytes, at, out, index) => {
    const scale = halfAt(bytes, at + 108);
    for (let sub = 0; sub < 16; sub++) {
      const low = (bytes[at + 96 + (sub & 7)] as number) >> (sub < 8 ? 0 : 4);
      const high = (bytes[at + 104 + (sub & 3)] as number) >> (2 * (sub >> 2));
      const subScale = scale * (((low & 15) | ((high & 3) << 4)) - 32);
      const { from, shift } = twoBits(sub);
      const mask = 1 << (sub >> 1);
      for (let i = 0; i < 16; i++) {
        const q = ((bytes[at + 32 + from + i] as number) >> shift) & 3;
        const third = ((bytes[at + (from & 31) + i] as number) & mask) === 0 ? 4 : 0;
        out[index + 16 * sub + i] = subScale * (q - third);
      }
    }
  },
  length,
);

/** Where sub-block `sub` of 16 has its two-bit numbers: four of them share 16 bytes, and 128 numbers have 32 bytes. */
function twoBits(sub: number): { from: number; shift: number } {
  return { from: 32 * (sub >> 3) + 16 * (sub & 1), shift: 2 * ((sub >> 1) & 3) };
}

/** 8 sub-blocks of 32: x = d·scale·q − dmin·offset, with q in 4 bits. */
export const q4_K: Layout = blocks(
  144,
  (bytes, at, out, index) => {
    fourBits(bytes, at, at + 16, undefined, out, index);
  },
  length,
);

/** As `Q4_K` with 5 bits: the fifth bits of sub-block s are bit s of 32 bytes. */
export const q5_K: Layout = blocks(
  176,
  (bytes, at, out, index) => {
    fourBits(bytes, at, at + 48, at + 16, out, index);
  },
  length,
);

function fourBits(
  bytes: Uint8Array,
  at: number,
  values: number,
  fifthBits: number | undefined,
  out: Float32Array,
  index: number,
): void {
  const scale = halfAt(bytes, at);
  const offset = halfAt(bytes, at + 2);
  for (let sub = 0; sub < 8; sub++) {
    const subScale = scale * sixBitScale(bytes, at + 4, sub, 0);
    const subOffset = offset * sixBitScale(bytes, at + 4, sub, 4);
    const from = values + 32 * (sub >> 1);
    const shift = 4 * (sub & 1);
    for (let i = 0; i < 32; i++) {
      let q = ((bytes[from + i] as number) >> shift) & 15;
      if (fifthBits !== undefined) q |= (((bytes[fifthBits + i] as number) >> sub) & 1) << 4;
      out[index + 32 * sub + i] = subScale * q - subOffset;
    }
  }
}

/**
 * The scale (`kind` 0) or offset (`kind` 4) of a sub-block, from 12 bytes. Those of the first four are the low 6 bits of bytes 0–3 and 4–7; the
 * others have their low 4 bits in a half of bytes 8–11, and their high 2 bits in the rest of bytes 0–7.
 */
function sixBitScale(bytes: Uint8Array, at: number, sub: number, kind: 0 | 4): number {
  if (sub < 4) return (bytes[at + kind + sub] as number) & 63;
  const low = ((bytes[at + 4 + sub] as number) >> kind) & 15;
  return low | (((bytes[at + kind + sub - 4] as number) >> 6) << 4);
}

/** 16 sub-blocks of 16: x = d·scale·(q − 32), with 4 bits of q here, 2 there, and signed bytes for scales. */
export const q6_K: Layout = blocks(
  210,
  (bytes, at, out, index) => {
    const scale = halfAt(bytes, at + 208);
    for (let sub = 0; sub < 16; sub++) {
      // 128 numbers share 64 bytes of low bits, two each, and 32 bytes of high bits, four each.
      const [part, quarter] = [sub >> 3, (sub >> 1) & 3];
      const low = at + 64 * part + 32 * (quarter & 1) + 16 * (sub & 1);
      const high = at + 128 + 32 * part + 16 * (sub & 1);
      const subScale = scale * (((bytes[at + 192 + sub] as number) << 24) >> 24);
      for (let i = 0; i < 16; i++) {
        const q = ((bytes[low + i] as number) >> (4 * (quarter >> 1))) & 15;
        const top = ((bytes[high + i] as number) >> (2 * quarter)) & 3;
        out[index + 16 * sub + i] = subScale * ((q | (top << 4)) - 32);
      }
    }
  },
  length,
);
