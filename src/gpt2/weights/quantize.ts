/** A matrix in 8 bits with one scale per column: `values[k, n] * scales[n]` is the matrix, to half a step. */
export interface QuantizedMatrix {
  /** `[K, N]`, between -127 and 127. */
  readonly values: Int8Array;
  /** `[N]`. */
  readonly scales: Float32Array;
}

/** Quantizes a row-major `[rows, columns]` matrix symmetrically, each column by its own largest magnitude. */
export function quantizeColumns(matrix: Float32Array, rows: number, columns: number): QuantizedMatrix {
  const scales = new Float32Array(columns);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) {
      const magnitude = Math.abs(matrix[i] as number);
      if (magnitude > (scales[column] as number)) scales[column] = magnitude;
    }
  }
  const inverse = new Float32Array(columns);
  for (let column = 0; column < columns; column++) {
    const largest = scales[column] as number;
    scales[column] = largest / 127;
    inverse[column] = largest > 0 ? 127 / largest : 0;
  }
  const values = new Int8Array(matrix.length);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) {
      values[i] = Math.round((matrix[i] as number) * (inverse[column] as number));
    }
  }
  return { values, scales };
}

/**
 * Quantizes a row-major `[rows, columns]` matrix by rows and transposes it: the result is `[columns, rows]` with one scale per
 * (new) column. For the head, whose weights are stored `[V, D]`.
 */
export function quantizeTransposed(matrix: Float32Array, rows: number, columns: number): QuantizedMatrix {
  const scales = new Float32Array(rows);
  const values = new Int8Array(matrix.length);
  // A band of rows at a time, so that a column's writes stay within a few cache lines.
  const band = 64;
  const inverse = new Float32Array(band);
  for (let top = 0; top < rows; top += band) {
    const count = Math.min(band, rows - top);
    for (let row = 0; row < count; row++) {
      let largest = 0;
      const start = (top + row) * columns;
      for (let i = start; i < start + columns; i++) largest = Math.max(largest, Math.abs(matrix[i] as number));
      scales[top + row] = largest / 127;
      inverse[row] = largest > 0 ? 127 / largest : 0;
    }
    for (let column = 0; column < columns; column++) {
      for (let row = 0; row < count; row++) {
        const value = matrix[(top + row) * columns + column] as number;
        values[column * rows + top + row] = Math.round(value * (inverse[row] as number));
      }
    }
  }
  return { values, scales };
}
