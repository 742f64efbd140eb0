/** Rows (outputs) that lie together, and of each the inputs in turn, see `assembly/plan.ts`. */
const groupRows = 4;
const blockInputs = 16;
const blockBytes = groupRows * blockInputs;

/** Bytes behind a matrix that are touched when its end is read, see `assembly/linear.ts`. */
const touchedBehind = 2048;

/** Added to a quantised input where it is split into digits, see `assembly/rows.ts`. */
const offset = 8192;
/** The largest input of two digits of 7 bits, less the offset. */
const largestInput = 8191;
const largestWeight = 127;

/** Blocks of 16 inputs that a row takes. */
export function blocksOf(inputs: number): number {
  return Math.ceil(inputs / blockInputs);
}

/** Bytes that a packed matrix takes, with those behind it that must be there. */
export function packedBytes(inputs: number, outputs: number): number {
  return Math.ceil(outputs / groupRows) * blocksOf(inputs) * blockBytes + touchedBehind;
}

/** What inputs are quantised to so that a sum of `inputs` products with 8-bit weights stays within 32 bits. */
export function inputRange(inputs: number): number {
  return Math.min(largestInput, Math.floor((2 ** 31 - 1) / (largestWeight * inputs)));
}

/**
 * Packs an 8-bit matrix `[inputs, outputs]` into `out`, which holds zeros.
 * @returns for each output the sum of its weights times the offset (32 bits of it)
 */
export function packMatrix(matrix: Int8Array, inputs: number, outputs: number, out: Uint8Array): Int32Array {
  const blocks = blocksOf(inputs);
  const sums = new Int32Array(outputs);
  // A band of columns at a time, so that what is read and what is written stay within the processor's cache.
  const band = 16 * groupRows;
  for (let left = 0; left < outputs; left += band) {
    const right = Math.min(left + band, outputs);
    for (let input = 0; input < inputs; input++) {
      const source = input * outputs;
      const target = Math.floor(input / blockInputs) * blockBytes + (input % blockInputs);
      for (let output = left; output < right; output++) {
        const weight = matrix[source + output] as number;
        out[(output >> 2) * blocks * blockBytes + target + (output & 3) * blockInputs] = weight;
        sums[output] = (sums[output] as number) + weight;
      }
    }
  }
  return sums.map((sum) => sum * offset);
}
