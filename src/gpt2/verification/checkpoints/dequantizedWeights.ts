import { blockEmbeddings } from "../../weights/embeddings";
import {
  type BlockBits,
  dequantizeBlocks,
  quantizeLinearInBlocks,
  quantizeRowsInBlocks,
} from "../../weights/blockQuantize";
import type { ModelInfo } from "../../languageModel";
import { roundedToHalf } from "../../weights/halfWeights";
import { quantizeColumns, quantizeTransposed, type QuantizedMatrix } from "../../weights/quantize";
import { isLinearWeight, tensorShapes } from "../../weights/tensorShapes";
import { transpose } from "../../weights/transpose";
import { changedWeights } from "../../weights/changedWeights";
import type { Gpt2Weights } from "../../weights/weights";

/** What decides how weights are quantized. */
type Quantization = Pick<ModelInfo, "backend" | "precision">;

/**
 * The weights as a model of this backend and precision computes with them: a quantized matrix is what its bits and scales stand for. The
 * head is not tied then, since as a matrix it may have other scales than as an embedding. Disposing it disposes `weights`.
 */
export function dequantizedWeights(weights: Gpt2Weights, { backend, precision }: Quantization): Gpt2Weights {
  if (precision === "f32") return weights;
  if (precision === "f16") return roundedToHalf(weights);
  const bits = precision === "int4" ? 4 : 8;
  const config = { ...weights.config, tiedHead: false };
  const reader = new DequantizingReader(weights, backend === "webgpu" ? inBlocks(bits) : inColumns);
  return changedWeights(weights, { config, read: (name) => reader.read(name) });
}

/** Quantizes matrices, and makes of them what they stand for. */
interface Quantizer {
  /** @param columns N of a linear weight `[K, N]` @returns gives the matrix `[K, N]` */
  linear(matrix: Float32Array, columns: number): () => Float32Array;
  /** @param matrix the head, `[V, D]` @returns gives the matrix `[V, D]` */
  head(matrix: Float32Array, width: number): () => Float32Array;
}

/** A scale for each output: what the kernels and ONNX Runtime on WebAssembly compute with. */
const inColumns: Quantizer = {
  linear(matrix, columns) {
    const quantized = quantizeColumns(matrix, matrix.length / columns, columns);
    return () => columnsOf(quantized);
  },
  head(matrix, width) {
    const quantized = quantizeTransposed(matrix, matrix.length / width, width);
    return () => rowsOf(quantized);
  },
};

/** A scale for each 32 inputs of an output: what WebGPU computes with. The head always has 8 bits. */
function inBlocks(bits: BlockBits): Quantizer {
  return {
    linear(matrix, columns) {
      const quantized = quantizeLinearInBlocks(matrix, columns, bits);
      return () => transpose(dequantizeBlocks(quantized, bits), columns, matrix.length / columns);
    },
    head(matrix, width) {
      const quantized = quantizeRowsInBlocks(matrix, width, 8);
      return () => dequantizeBlocks(quantized, 8);
    },
  };
}

class DequantizingReader {
  /** Quantizing takes longer than a pass of the reference, and the result is small. */
  readonly #quantized = new Map<string, () => Float32Array>();
  readonly #quantizer: Quantizer;
  readonly #original: Gpt2Weights;

  constructor(original: Gpt2Weights, quantizer: Quantizer) {
    this.#original = original;
    this.#quantizer = quantizer;
  }

  async read(name: string): Promise<Float32Array> {
    if (name === "lm_head.weight") return this.#dequantized(name, () => this.#quantizeHead());
    if (isLinearWeight(name)) return this.#dequantized(name, () => this.#quantizeLinear(name));
    const tensor = await this.#original.read(name);
    return name === "wte.weight" ? embeddingRows(tensor, this.#original.config.width) : tensor;
  }

  async #dequantized(name: string, quantize: () => Promise<() => Float32Array>): Promise<Float32Array> {
    const matrix = this.#quantized.get(name) ?? (await quantize());
    this.#quantized.set(name, matrix);
    return matrix();
  }

  async #quantizeHead(): Promise<() => Float32Array> {
    const { tiedHead, width } = this.#original.config;
    return this.#quantizer.head(await this.#original.read(tiedHead ? "wte.weight" : "lm_head.weight"), width);
  }

  async #quantizeLinear(name: string): Promise<() => Float32Array> {
    const columns = tensorShapes(this.#original.config).get(name)?.[1] ?? 1;
    return this.#quantizer.linear(await this.#original.read(name), columns);
  }
}

/** The matrix `[K, N]`. */
function columnsOf({ values, scales }: QuantizedMatrix): Float32Array {
  const columns = scales.length;
  const matrix = new Float32Array(values.length);
  for (let start = 0; start < matrix.length; start += columns) {
    for (let column = 0; column < columns; column++) {
      matrix[start + column] = (values[start + column] as number) * (scales[column] as number);
    }
  }
  return matrix;
}

/** The matrix turned, `[N, K]`: a row for each scale. */
function rowsOf({ values, scales }: QuantizedMatrix): Float32Array {
  const rows = scales.length;
  const columns = values.length / rows;
  const matrix = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const scale = scales[row] as number;
    for (let column = 0; column < columns; column++) {
      matrix[row * columns + column] = (values[column * rows + row] as number) * scale;
    }
  }
  return matrix;
}

function embeddingRows(table: Float32Array, width: number): Float32Array {
  const embeddings = blockEmbeddings(table, width);
  const rows = new Float32Array(table.length);
  for (let row = 0; row * width < rows.length; row++) embeddings.addRow(row, rows, row * width);
  return rows;
}
