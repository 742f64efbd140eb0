import { float8E4M3, float8E5M2, halfTable } from "./floats";
import { iq1_m, iq1_s, iq2_s, iq2_xs, iq2_xxs, iq3_s, iq3_xxs, iq4_xs } from "./ggml/gridBlocks";
import { iq4_nl, mxfp4, q4_0, q4_1, q5_0, q5_1, q8_0 } from "./ggml/smallBlocks";
import { q2_K, q3_K, q4_K, q5_K, q6_K } from "./ggml/superBlocks";
import { tq1_0, tq2_0 } from "./ggml/ternary";
import type { Layout } from "./layout";

const layouts: Readonly<Record<string, Layout>> = {
  F32: { length: 1, bytes: 4, decode: decodeFloats },
  F16: { length: 1, bytes: 2, decode: decodeHalves },
  BF16: { length: 1, bytes: 2, decode: decodeBfloats },
  F64: { length: 1, bytes: 8, decode: decodeDoubles },
  F8_E4M3: { length: 1, bytes: 1, decode: byTable(float8E4M3) },
  F8_E5M2: { length: 1, bytes: 1, decode: byTable(float8E5M2) },
  Q4_0: q4_0,
  Q4_1: q4_1,
  Q5_0: q5_0,
  Q5_1: q5_1,
  Q8_0: q8_0,
  Q2_K: q2_K,
  Q3_K: q3_K,
  Q4_K: q4_K,
  Q5_K: q5_K,
  Q6_K: q6_K,
  IQ1_S: iq1_s,
  IQ1_M: iq1_m,
  IQ2_XXS: iq2_xxs,
  IQ2_XS: iq2_xs,
  IQ2_S: iq2_s,
  IQ3_XXS: iq3_xxs,
  IQ3_S: iq3_s,
  IQ4_NL: iq4_nl,
  IQ4_XS: iq4_xs,
  TQ1_0: tq1_0,
  TQ2_0: tq2_0,
  MXFP4: mxfp4,
};

/** The layout of a type, or undefined for one that can be listed but not read. */
export function layoutOf(type: string): Layout | undefined {
  return Object.hasOwn(layouts, type) ? layouts[type] : undefined;
}

/** The types that can be read, for a message. */
export const readableTypes: readonly string[] = Object.keys(layouts);

// The files are little-endian, as is every machine that JavaScript engines run on; only alignment needs care.

function decodeFloats(bytes: Uint8Array, out: Float32Array): void {
  new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(bytes.subarray(0, out.byteLength));
}

function decodeHalves(bytes: Uint8Array, out: Float32Array): void {
  const table = halfTable();
  const halves = shorts(bytes);
  for (let i = 0; i < out.length; i++) out[i] = table[halves[i] as number] as number;
}

/** A bfloat16 is the upper half of a 32-bit float. */
function decodeBfloats(bytes: Uint8Array, out: Float32Array): void {
  const words = new Uint32Array(out.buffer, out.byteOffset, out.length);
  const upper = shorts(bytes);
  for (let i = 0; i < words.length; i++) words[i] = (upper[i] as number) << 16;
}

function decodeDoubles(bytes: Uint8Array, out: Float32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < out.length; i++) out[i] = view.getFloat64(8 * i, true);
}

/** 8-bit floats, decoded by looking up all 256 of them. */
function byTable(value: (bits: number) => number): Layout["decode"] {
  let table: Float32Array | undefined;
  return (bytes, out) => {
    table ??= Float32Array.from({ length: 256 }, (_, bits) => value(bits));
    for (let i = 0; i < out.length; i++) out[i] = table[bytes[i] as number] as number;
  };
}

function shorts(bytes: Uint8Array): Uint16Array {
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : new Uint8Array(bytes);
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 1);
}
