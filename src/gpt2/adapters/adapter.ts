/**
 * What a LoRA adapter adds to a matrix M `[rows, columns]` of `Gpt2Weights`: M + leftᵀ·right. The adapter's scale is part of `right`.
 * Source: Hu et al. 2021, with the matrices of each kind of layer brought to one form.
 */
export interface LowRankUpdate {
  readonly rank: number;
  /** `[rank, rows]`. */
  readonly left: Float32Array;
  /** `[rank, columns]`. */
  readonly right: Float32Array;
}

/** A LoRA adapter that fits a model, in memory. */
export interface LoraAdapter {
  /** What a person calls it: a file or folder name. */
  readonly name: string;
  /** By the names of tensors in `Gpt2Weights`. An update of `lm_head.weight` leaves the token embedding of a tied model as it is. */
  readonly updates: ReadonlyMap<string, LowRankUpdate>;
  /** Bytes of all updates. */
  readonly bytes: number;
  /** A string that is the same for the same contents. */
  readonly fingerprint: string;
}

/** The largest rank of an adapter's updates. */
export function largestRank({ updates }: LoraAdapter): number {
  return Math.max(0, ...Array.from(updates.values(), ({ rank }) => rank));
}

/**
 * Adds an update to a matrix, in place. Each number is summed in double precision and rounded once.
 * @param matrix `[rows, columns]`, flat
 */
export function addUpdate(matrix: Float32Array, { rank, left, right }: LowRankUpdate): void {
  const rows = left.length / rank;
  const columns = right.length / rank;
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    sums.set(matrix.subarray(row * columns, (row + 1) * columns));
    for (let r = 0; r < rank; r++) {
      const factor = left[r * rows + row] as number;
      const start = r * columns;
      for (let column = 0; column < columns; column++) {
        sums[column] = (sums[column] as number) + factor * (right[start + column] as number);
      }
    }
    matrix.set(sums, row * columns);
  }
}
