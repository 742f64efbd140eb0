import type { Layout } from "../numbers/layout";

/**
 * How 8-bit numbers q of a tensor are decoded: x = scale·(q − zero point), with one scale for all, one for each column, or one for each row.
 * Source: the operator DequantizeLinear in ONNX.
 * @param zeros as many bytes as there are scales; all zero unless given
 * @returns undefined when there are other numbers of scales than that
 */
export function quantizedLayout(
  shape: readonly number[],
  signed: boolean,
  scales: Float32Array,
  zeros: Uint8Array = new Uint8Array(scales.length),
): Layout | undefined {
  const columns = shape.at(-1) ?? 1;
  const rows = shape[0] ?? 1;
  const rowLength = shape.reduce((product, size) => product * size, 1) / rows;
  if (zeros.length !== scales.length) return undefined;
  const value = (byte: number) => (signed ? (byte << 24) >> 24 : byte);
  const decode = (scaleOf: (index: number) => number): Layout => ({
    length: 1,
    bytes: 1,
    decode: (bytes, out, first) => {
      for (let i = 0; i < out.length; i++) {
        const at = scaleOf(first + i);
        out[i] = (scales[at] as number) * (value(bytes[i] as number) - value(zeros[at] as number));
      }
    },
  });
  if (scales.length === 1) return decode(() => 0);
  if (scales.length === columns) return decode((index) => index % columns);
  if (scales.length === rows) return decode((index) => Math.floor(index / rowLength));
  return undefined;
}
