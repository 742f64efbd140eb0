/** Outputs of a panel. */
export const panelOutputs = 8;
/** Inputs of each output that are adjacent. */
const stepInputs = 4;
const stepBytes = panelOutputs * stepInputs;

/** Inputs whose weights are summed: those that share a scale, see `assembly/quantize.ts`. */
const blockInputs = 128;
const sumBytes = 2 * panelOutputs;
const blockBytes = sumBytes + panelOutputs * blockInputs;

/** Rows of inputs are padded to a multiple of this. */
const inputAlignment = 16;

/** Bytes after a matrix that the kernels touch when they read its end, see `assembly/panel.ts`. */
export const touchedBytes = 2048 + 128;

/** Inputs with the zeros appended that the kernels need. */
export function paddedInputs(inputs: number): number {
  return Math.ceil(inputs / inputAlignment) * inputAlignment;
}

/** Blocks of inputs that have a scale and a minimum each. */
export function blocksOf(inputs: number): number {
  return Math.ceil(inputs / blockInputs);
}

/** Bytes of a panel. */
export function panelBytes(inputs: number): number {
  return panelOutputs * paddedInputs(inputs) + sumBytes * blocksOf(inputs);
}

/** Where an input's weight of a panel's first output is in the panel; that of the next output is {@link outputBytes} further. */
export function inputOffset(input: number): number {
  const inBlock = input % blockInputs;
  const block = Math.floor(input / blockInputs) * blockBytes;
  return block + Math.floor(inBlock / stepInputs) * stepBytes + (inBlock % stepInputs);
}

/** Bytes between an input's weights of two outputs of a panel. */
export const outputBytes = stepInputs;

/** Bytes of a packed matrix, with those after it that must be readable. */
export function packedBytes(inputs: number, outputs: number): number {
  return Math.ceil(outputs / panelOutputs) * panelBytes(inputs) + touchedBytes;
}

/**
 * Packs an 8-bit matrix `[inputs, outputs]` into `out`, which holds zeros, in panels of eight outputs. A panel consists of blocks of 128 inputs:
 * for four inputs at a time four weights of each output, so that a vector multiplies four inputs with four outputs; then eight 16-bit sums,
 * of each output's weights in the block. So a panel is one sequential stream.
 */
export function packMatrix(matrix: Int8Array, inputs: number, outputs: number, out: Uint8Array): void {
  const sums = new Int16Array(out.buffer, out.byteOffset, Math.floor(out.length / 2));
  // A band of columns at a time, so that reads and writes stay in the processor's cache.
  const band = 8 * panelOutputs;
  for (let left = 0; left < outputs; left += band) {
    const right = Math.min(left + band, outputs);
    for (let input = 0; input < inputs; input++) {
      const block = Math.floor(input / blockInputs) * blockBytes;
      const inBlock = input % blockInputs;
      const blockWeights = Math.min(blockInputs, paddedInputs(inputs) - (input - inBlock)) * panelOutputs;
      const offset = inputOffset(input);
      for (let output = left; output < right; output++) {
        const weight = matrix[input * outputs + output] as number;
        const start = (output >> 3) * panelBytes(inputs);
        const column = output & 7;
        out[start + offset + column * outputBytes] = weight;
        const sum = (start + block + blockWeights) / 2 + column;
        sums[sum] = (sums[sum] as number) + weight;
      }
    }
  }
}
