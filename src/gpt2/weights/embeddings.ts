/**
 * An embedding table `[rows, width]` outside the graph: a step needs a few of its rows only, and the heap is saved a copy
 * of what, of a small model, are most of its parameters.
 */
export interface EmbeddingTable {
  readonly bytes: number;
  /** The table itself, for code that looks rows up elsewhere. */
  readonly table: Float32Array | BlockTable;
  /** Adds row `index` to `out`, from `offset` on. */
  addRow(index: number, out: Float32Array, offset: number): void;
}

/** The table as it is. */
export function floatEmbeddings(table: Float32Array, width: number): EmbeddingTable {
  return {
    bytes: table.byteLength,
    table,
    addRow(index, out, offset) {
      const start = index * width;
      for (let i = 0; i < width; i++) out[offset + i] = (out[offset + i] as number) + (table[start + i] as number);
    },
  };
}

/** Elements that share a scale: ggml's Q8_0, so a table that comes from such a file is kept as it is there. */
const blockSize = 32;

/** A table in 8 bits with a scale for each block of 32 numbers, 9 bits per number in all. */
export interface BlockTable {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/** Whether rows of this width are made of whole blocks. */
export function fitsBlocks(width: number): boolean {
  return width % blockSize === 0;
}

/** Quantizes a table, each block by its own largest magnitude. */
export function quantizeBlocks(table: Float32Array): BlockTable {
  const scales = new Float32Array(table.length / blockSize);
  const values = new Int8Array(table.length);
  for (let block = 0; block < scales.length; block++) {
    const start = block * blockSize;
    let largest = 0;
    for (let i = start; i < start + blockSize; i++) largest = Math.max(largest, Math.abs(table[i] as number));
    const scale = largest / 127;
    scales[block] = scale;
    if (scale === 0) continue;
    for (let i = start; i < start + blockSize; i++) values[i] = Math.round((table[i] as number) / scale);
  }
  return { values, scales };
}

/** A quantized table as embeddings. */
export function blockTableEmbeddings(table: BlockTable, width: number): EmbeddingTable {
  const { values, scales } = table;
  return {
    bytes: values.byteLength + scales.byteLength,
    table,
    addRow(index, out, offset) {
      const start = index * width;
      for (let i = 0; i < width; i++) {
        const value = (values[start + i] as number) * (scales[(start + i) >> 5] as number);
        out[offset + i] = (out[offset + i] as number) + value;
      }
    },
  };
}

/** The table in 8 bits, or as it is where its rows are not made of whole blocks. */
export function blockEmbeddings(table: Float32Array, width: number): EmbeddingTable {
  return fitsBlocks(width) ? blockTableEmbeddings(quantizeBlocks(table), width) : floatEmbeddings(table, width);
}
