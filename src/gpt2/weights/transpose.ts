/** Side of the square blocks that are transposed at a time: two of them fit in the L1 cache. */
const block = 32;

/** Transposes a row-major `[rows, columns]` matrix into `[columns, rows]`. */
export function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(matrix.length);
  for (let top = 0; top < rows; top += block) {
    const bottom = Math.min(top + block, rows);
    for (let left = 0; left < columns; left += block) {
      const right = Math.min(left + block, columns);
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          turned[column * rows + row] = matrix[row * columns + column] as number;
        }
      }
    }
  }
  return turned;
}
