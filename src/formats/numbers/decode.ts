import { blockLength, dequantiseQ4, dequantiseQ8, q4BlockBytes, q8BlockBytes } from "./blocks";
import { halfTable } from "./floats";
import type { TensorType } from "../tensorFile";

/** How a type that can be read is laid out: blocks of `length` numbers in `bytes` bytes. */
export interface Layout {
  readonly length: number;
  readonly bytes: number;
  /** Writes as many numbers as `out` has room for. `bytes` may begin at any address. */
  readonly decode: (bytes: Uint8Array, out: Float32Array) => void;
}

const layouts: Readonly<Record<TensorType, Layout>> = {
  F32: { length: 1, bytes: 4, decode: decodeFloats },
  F16: { length: 1, bytes: 2, decode: decodeHalves },
  BF16: { length: 1, bytes: 2, decode: decodeBfloats },
  F64: { length: 1, bytes: 8, decode: decodeDoubles },
  Q8_0: { length: blockLength, bytes: q8BlockBytes, decode: dequantiseQ8 },
  Q4_0: { length: blockLength, bytes: q4BlockBytes, decode: dequantiseQ4 },
};

/** The layout of a type, or undefined for one that can be listed but not read. */
export function layoutOf(type: string): Layout | undefined {
  return Object.hasOwn(layouts, type) ? layouts[type as TensorType] : undefined;
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

function shorts(bytes: Uint8Array): Uint16Array {
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : new Uint8Array(bytes);
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 1);
}
