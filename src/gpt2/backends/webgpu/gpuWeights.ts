import { floatToHalf } from "../../../formats/numbers/floats";
import type { Gpt2Config } from "../../config/config";
import { hasEmbeddings } from "../../config/part";
import { blockEmbeddings, type EmbeddingTable, fitsBlocks, floatEmbeddings } from "../../weights/embeddings";
import { type BlockMatrix, quantizeLinearInBlocks, quantizeRowsInBlocks } from "../../weights/blockQuantize";
import { isLinearWeight } from "../../weights/tensorShapes";
import { transpose } from "../../weights/transpose";
import { preparedWeightList, scalesOf } from "../../weights/weightList";
import type { Gpt2Weights } from "../../weights/weights";
import type { GpuFormat } from "./gpuFormat";
import { headPartName, headParts } from "./headParts";

/** A model's weights as the graph names them, and the tables that JavaScript looks embeddings up in. */
export interface GpuWeights {
  readonly tensors: ReadonlyMap<string, Uint8Array>;
  readonly token: EmbeddingTable;
  readonly position: EmbeddingTable;
}

/** The tables of a part of a model that does not begin it. */
const nothing = new Float32Array();

/**
 * Reads the weights tensor by tensor and brings each into the format.
 * @param largestTensor bytes, see {@link headParts}
 */
export async function loadGpuWeights(
  weights: Gpt2Weights,
  format: GpuFormat,
  largestTensor: number,
): Promise<GpuWeights> {
  const { config } = weights;
  const tensors = new Map<string, Uint8Array>();
  const addBlocks = (name: string, { values, scales }: BlockMatrix) => {
    tensors.set(name, values);
    tensors.set(scalesOf(name), floatTensor(scales, format));
  };
  const addHead = (table: Float32Array) => {
    const { width } = config;
    headParts(config, format, largestTensor).forEach(({ start, rows }, part) => {
      const values = table.subarray(start * width, (start + rows) * width);
      const name = headPartName(part);
      if (format.headBits) addBlocks(name, quantizeRowsInBlocks(values, width, format.headBits));
      else tensors.set(name, floatTensor(transpose(values, rows, width), format));
    });
  };
  const embeds = hasEmbeddings(config);
  let token: EmbeddingTable | undefined;
  for (const { tensor, name, shape, transposed } of preparedWeightList(config, "f32")) {
    const values = await weights.read(tensor);
    if (embeds && tensor === "wte.weight") token = tokenTable(values, config, format);
    if (transposed) addHead(values);
    else if (format.bits && isLinearWeight(tensor)) {
      addBlocks(name, quantizeLinearInBlocks(values, shape[1] ?? 1, format.bits));
    } else tensors.set(name, floatTensor(values, format));
  }
  const { width } = config;
  if (!embeds) return { tensors, token: floatEmbeddings(nothing, width), position: floatEmbeddings(nothing, width) };
  token ??= tokenTable(await weights.read("wte.weight"), config, format);
  return { tensors, token, position: floatEmbeddings(await weights.read("wpe.weight"), width) };
}

/** A quantized model keeps its tokens in 8 bits, as the other backends do. */
function tokenTable(values: Float32Array, { width }: Gpt2Config, { bits }: GpuFormat): EmbeddingTable {
  return bits && fitsBlocks(width) ? blockEmbeddings(values, width) : floatEmbeddings(values, width);
}

/** The bytes of numbers that are not quantized. */
function floatTensor(values: Float32Array, { float }: GpuFormat): Uint8Array {
  const array = float === "float16" ? Uint16Array.from(values, floatToHalf) : values;
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
