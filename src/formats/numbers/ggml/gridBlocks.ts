/**
 * ggml's IQ types: blocks of 256 numbers in which groups of 8 (or 4) are points of a grid, with signs and a scale for each 16 or 32 of them.
 * Source: `block_iq2_xxs` … `block_iq4_xs` in ggml-common.h.
 */
import type { Layout } from "../layout";
import { type Grid, gridNamed, type GridName } from "./grids";
import { blocks, halfAt, lookUp, nonlinearValues, shortAt, wordAt } from "./smallBlocks";

type Decode = (grid: Grid, bytes: Uint8Array, at: number, out: Float32Array, index: number) => void;

function gridBlocks(bytesOfBlock: number, name: GridName, decode: Decode): Layout {
  return blocks(bytesOfBlock, (bytes, at, out, index) => decode(gridNamed(name), bytes, at, out, index), 256);
}

/** For each 32 numbers: four bytes that name points, then 4 · 7 bits of signs and a scale of 4 bits. */
export const iq2_xxs = gridBlocks(66, "iq2xxs", (grid, bytes, at, out, index) => {
  const d = halfAt(bytes, at);
  for (let group = 0; group < 8; group++) {
    const from = at + 2 + 8 * group;
    const word = wordAt(bytes, from + 4);
    const scale = d * (0.5 + (word >>> 28)) * 0.25;
    for (let i = 0; i < 4; i++) {
      const signs = evenSigns((word >>> (7 * i)) & 127);
      signedPoint(grid, bytes[from + i] as number, signs, scale, out, index + 32 * group + 8 * i);
    }
  }
});

/** For each 8 numbers: 9 bits that name a point and 7 of signs; for each 16 a scale of 4 bits. */
export const iq2_xs = gridBlocks(74, "iq2xs", (grid, bytes, at, out, index) => {
  const d = halfAt(bytes, at);
  for (let i = 0; i < 32; i++) {
    const point = shortAt(bytes, at + 2 + 2 * i);
    const scale = d * (0.5 + halfByte(bytes, at + 66, i >> 1)) * 0.25;
    signedPoint(grid, point & 511, evenSigns(point >> 9), scale, out, index + 8 * i);
  }
});

/** For each 8 numbers: 8 bits that name a point, two more elsewhere, and 8 signs; for each 16 a scale of 4 bits. */
export const iq2_s = gridBlocks(82, "iq2s", (grid, bytes, at, out, index) => {
  const d = halfAt(bytes, at);
  for (let i = 0; i < 32; i++) {
    const high = ((bytes[at + 66 + (i >> 2)] as number) >> (2 * (i & 3))) & 3;
    const point = (bytes[at + 2 + i] as number) | (high << 8);
    const scale = d * (0.5 + halfByte(bytes, at + 74, i >> 1)) * 0.25;
    signedPoint(grid, point, bytes[at + 34 + i] as number, scale, out, index + 8 * i);
  }
});

/** For each 4 numbers a byte that names a point; for each 32 numbers 4 · 7 bits of signs and a scale of 4 bits. */
export const iq3_xxs = gridBlocks(98, "iq3xxs", (grid, bytes, at, out, index) => {
  const d = halfAt(bytes, at);
  for (let i = 0; i < 64; i++) {
    const word = wordAt(bytes, at + 66 + 4 * (i >> 3));
    const scale = d * (0.5 + (word >>> 28)) * 0.5;
    const signs = evenSigns((word >>> (7 * ((i >> 1) & 3))) & 127) >> (4 * (i & 1));
    signedPoint(grid, bytes[at + 2 + i] as number, signs, scale, out, index + 4 * i);
  }
});

/** For each 4 numbers: 8 bits that name a point, a ninth elsewhere, and 4 signs; for each 32 a scale of 4 bits. */
export const iq3_s = gridBlocks(110, "iq3s", (grid, bytes, at, out, index) => {
  const d = halfAt(bytes, at);
  for (let i = 0; i < 64; i++) {
    const ninth = ((bytes[at + 66 + (i >> 3)] as number) >> (i & 7)) & 1;
    const point = (bytes[at + 2 + i] as number) | (ninth << 8);
    const scale = d * (1 + 2 * halfByte(bytes, at + 106, i >> 3));
    const signs = (bytes[at + 74 + (i >> 1)] as number) >> (4 * (i & 1));
    signedPoint(grid, point, signs, scale, out, index + 4 * i);
  }
});

/** Added to, or taken from, every entry of a point. */
const shift = 0.125;

/** For each 8 numbers 8 bits that name a point and three more elsewhere; for each 32 a scale of 3 bits and the sign of the shift. */
export const iq1_s = gridBlocks(50, "iq1", (grid, bytes, at, out, index) => {
  const d = halfAt(bytes, at);
  for (let i = 0; i < 32; i++) {
    const rest = shortAt(bytes, at + 34 + 2 * (i >> 2));
    const point = (bytes[at + 2 + i] as number) | (((rest >> (3 * (i & 3))) & 7) << 8);
    const scale = d * (2 * ((rest >> 12) & 7) + 1);
    shiftedPoint(grid, point, (rest & 0x8000) === 0 ? shift : -shift, scale, out, index + 8 * i);
  }
});

/**
 * For each 8 numbers 8 bits that name a point, and half a byte with three more and the sign of the shift; for each 16 a scale of 3 bits. The
 * four 16-bit words of scales have the block's own scale in their upper 4 bits.
 */
export const iq1_m = gridBlocks(56, "iq1", (grid, bytes, at, out, index) => {
  const words = [0, 1, 2, 3].map((i) => shortAt(bytes, at + 48 + 2 * i));
  const bits = words.reduce((all, word, i) => all | ((word >> 12) << (4 * i)), 0);
  const d = halfAt(Uint8Array.of(bits & 255, bits >> 8), 0);
  for (let i = 0; i < 32; i++) {
    const rest = halfByte(bytes, at + 32, i);
    const point = (bytes[at + i] as number) | ((rest & 7) << 8);
    const scale = d * (2 * (((words[i >> 3] as number) >> (3 * ((i >> 1) & 3))) & 7) + 1);
    shiftedPoint(grid, point, (rest & 8) === 0 ? shift : -shift, scale, out, index + 8 * i);
  }
});

/** 8 sub-blocks of 32: x = d·(scale − 32)·v(q), with q in 4 bits and v as in `IQ4_NL`, and scales of 4 + 2 bits. */
export const iq4_xs: Layout = blocks(
  136,
  (bytes, at, out, index) => {
    const d = halfAt(bytes, at);
    const high = shortAt(bytes, at + 2);
    for (let sub = 0; sub < 8; sub++) {
      const scale = halfByte(bytes, at + 4, sub) | (((high >> (2 * sub)) & 3) << 4);
      lookUp(bytes, at + 8 + 16 * sub, nonlinearValues, d * (scale - 32), out, index + 32 * sub);
    }
  },
  256,
);

/** Half byte `i` from `at` on, the low half of each byte first. */
function halfByte(bytes: Uint8Array, at: number, i: number): number {
  return ((bytes[at + (i >> 1)] as number) >> (4 * (i & 1))) & 15;
}

/** Eight signs of which seven are stored: the number of minus signs is even. */
function evenSigns(seven: number): number {
  let parity = seven;
  for (const by of [4, 2, 1]) parity ^= parity >> by;
  return seven | ((parity & 1) << 7);
}

/** Writes a point of the grid, entry i negated when bit i of `signs` is set. */
function signedPoint(
  { points, dimensions }: Grid,
  point: number,
  signs: number,
  scale: number,
  out: Float32Array,
  index: number,
): void {
  for (let i = 0; i < dimensions; i++) {
    const value = scale * (points[point * dimensions + i] as number);
    out[index + i] = ((signs >> i) & 1) === 0 ? value : -value;
  }
}

function shiftedPoint(
  { points, dimensions }: Grid,
  point: number,
  by: number,
  scale: number,
  out: Float32Array,
  index: number,
): void {
  for (let i = 0; i < dimensions; i++) out[index + i] = scale * ((points[point * dimensions + i] as number) + by);
}
