/** Numbers that share a scale. */
export const quantizedBlock = 32;

/** Bits of a quantized number. */
export type BlockBits = 4 | 8;

/**
 * A matrix as ONNX Runtime's `MatMulNBits` wants it: `(values[n, k] − 2^(bits−1)) · scales[n, k / 32]` is the number in row n and column
 * k. Two 4-bit values share a byte, the first in its lower half.
 * Source: https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.MatMulNBits
 */
export interface BlockMatrix {
  /** `[N, K / 32, 4 · bits]`, bytes. */
  readonly values: Uint8Array;
  /** `[N, K / 32]`. */
  readonly scales: Float32Array;
}

/**
 * Quantizes a matrix symmetrically in blocks along K. GGUF's Q8_0 has the same blocks, so in 8 bits it stays what it is.
 * @param at the number in row n and column k
 * @param columns K, a multiple of 32
 */
export function quantizeInBlocks(
  at: (row: number, column: number) => number,
  rows: number,
  columns: number,
  bits: BlockBits,
): BlockMatrix {
  const blocks = columns / quantizedBlock;
  const blockBytes = 4 * bits;
  const values = new Uint8Array(rows * blocks * blockBytes);
  const scales = new Float32Array(rows * blocks);
  const zero = 2 ** (bits - 1);
  const block = new Float32Array(quantizedBlock);
  for (let row = 0; row < rows; row++) {
    for (let index = 0; index < blocks; index++) {
      let largest = 0;
      for (let i = 0; i < quantizedBlock; i++) {
        const value = at(row, index * quantizedBlock + i);
        block[i] = value;
        largest = Math.max(largest, Math.abs(value));
      }
      const target = row * blocks + index;
      const scale = Math.fround(largest / (zero - 1));
      scales[target] = scale;
      const inverse = scale > 0 ? 1 / scale : 0;
      for (let i = 0; i < quantizedBlock; i++) {
        const value = Math.min(2 * zero - 1, Math.max(0, Math.round((block[i] as number) * inverse) + zero));
        if (bits === 8) values[target * blockBytes + i] = value;
        else
          values[target * blockBytes + (i >> 1)] =
            (values[target * blockBytes + (i >> 1)] ?? 0) | (value << (4 * (i & 1)));
      }
    }
  }
  return { values, scales };
}

/** Quantizes a row-major `[K, N]` matrix, as linear weights are stored. */
export function quantizeLinearInBlocks(matrix: Float32Array, columns: number, bits: BlockBits): BlockMatrix {
  return quantizeInBlocks((n, k) => matrix[k * columns + n] as number, columns, matrix.length / columns, bits);
}

/** Quantizes a row-major `[N, K]` matrix, as the head is stored. */
export function quantizeRowsInBlocks(matrix: Float32Array, width: number, bits: BlockBits): BlockMatrix {
  return quantizeInBlocks((n, k) => matrix[n * width + k] as number, matrix.length / width, width, bits);
}

/** The numbers that a quantized matrix stands for, `[N, K]`, with scales rounded by `round`. */
export function dequantizeBlocks(
  { values, scales }: BlockMatrix,
  bits: BlockBits,
  round: (scale: number) => number = (scale) => scale,
): Float32Array {
  const zero = 2 ** (bits - 1);
  const matrix = new Float32Array(scales.length * quantizedBlock);
  for (let i = 0; i < matrix.length; i++) {
    const value = bits === 8 ? values[i] : ((values[i >> 1] ?? 0) >> (4 * (i & 1))) & 15;
    matrix[i] = ((value ?? 0) - zero) * round(scales[i >> 5] as number);
  }
  return matrix;
}
