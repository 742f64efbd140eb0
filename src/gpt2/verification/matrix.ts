/** `count` columns of a row-major matrix, from column `from` on. */
export function columns(matrix: Float64Array, width: number, from: number, count: number): Float64Array {
  const rows = matrix.length / width;
  const part = new Float64Array(rows * count);
  for (let row = 0; row < rows; row++) {
    part.set(matrix.subarray(row * width + from, row * width + from + count), row * count);
  }
  return part;
}

/** One array after the other: matrices of the same width are stacked. */
export function concat(a: Float64Array, b: Float64Array): Float64Array {
  const joined = new Float64Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
