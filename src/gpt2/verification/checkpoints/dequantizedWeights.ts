import { blockEmbeddings } from "../../weights/embeddings";
import type { Precision } from "../../languageModel";
import { quantizeColumns, quantizeTransposed, type QuantizedMatrix } from "../../weights/quantize";
import { isLinearWeight, tensorShapes } from "../../weights/tensorShapes";
import type { Gpt2Weights } from "../../weights/weights";

/**
 * The weights as a session of this precision computes with them: in int8 every matrix is what its 8 bits and scales stand for. The head
 * is not tied then, since as a matrix it has a scale per token and as an embedding one per block. Disposing it disposes `weights`.
 */
export function dequantizedWeights(weights: Gpt2Weights, precision: Precision): Gpt2Weights {
  return precision === "f32" ? weights : new DequantizedWeights(weights);
}

class DequantizedWeights implements Gpt2Weights {
  /** Quantizing takes longer than a pass of the reference, and the result is small. */
  readonly #quantized = new Map<string, QuantizedMatrix>();
  readonly config;
  readonly fingerprint;
  readonly storage;
  readonly #original: Gpt2Weights;

  constructor(original: Gpt2Weights) {
    this.#original = original;
    this.config = { ...original.config, tiedHead: false };
    this.fingerprint = original.fingerprint;
    this.storage = original.storage;
  }

  async read(name: string): Promise<Float32Array> {
    if (name === "lm_head.weight") return rowsOf(await this.#quantize(name, () => this.#quantizeHead()));
    if (isLinearWeight(name)) return columnsOf(await this.#quantize(name, () => this.#quantizeLinear(name)));
    const tensor = await this.#original.read(name);
    return name === "wte.weight" ? embeddingRows(tensor, this.config.width) : tensor;
  }

  async #quantize(name: string, make: () => Promise<QuantizedMatrix>): Promise<QuantizedMatrix> {
    const matrix = this.#quantized.get(name) ?? (await make());
    this.#quantized.set(name, matrix);
    return matrix;
  }

  async #quantizeHead(): Promise<QuantizedMatrix> {
    const { tiedHead, width } = this.#original.config;
    const head = await this.#original.read(tiedHead ? "wte.weight" : "lm_head.weight");
    return quantizeTransposed(head, head.length / width, width);
  }

  async #quantizeLinear(name: string): Promise<QuantizedMatrix> {
    const tensor = await this.#original.read(name);
    const columns = tensorShapes(this.config).get(name)?.[1] ?? 1;
    return quantizeColumns(tensor, tensor.length / columns, columns);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#original[Symbol.asyncDispose]();
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
