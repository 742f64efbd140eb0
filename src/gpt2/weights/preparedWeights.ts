import type { Gpt2Config } from "../config/config";
import { hasEmbeddings } from "../config/part";
import { blockTableEmbeddings, type EmbeddingTable, fitsBlocks, floatEmbeddings, quantizeBlocks } from "./embeddings";
import type { Precision } from "../languageModel";
import { freeArray } from "./freeArray";
import { quantizeColumns, quantizeTransposed } from "./quantize";
import { transpose } from "./transpose";
import { preparedVersion, preparedWeightList, scalesOf } from "./weightList";
import type { PreparedWeightsCache } from "./preparedWeightsCache";
import type { Gpt2Weights } from "./weights";

/** A model's weights in the form that backends compute with, by name: those of `preparedWeightList`, and the tables of {@link embeddingsFrom}. */
export type PreparedWeights = ReadonlyMap<string, Uint8Array>;

export interface Embeddings {
  readonly token: EmbeddingTable;
  readonly position: EmbeddingTable;
}

const tokenTable = "embeddings.token";
const positionTable = "embeddings.position";

/** Reads the weights tensor by tensor and brings each into the wanted precision and order. */
export async function prepareWeights(
  weights: Gpt2Weights,
  precision: Precision,
  list = preparedWeightList(weights.config, precision),
): Promise<PreparedWeights> {
  const prepared = new Map<string, Uint8Array>();
  const embeds = hasEmbeddings(weights.config);
  const inBlocks = precision === "int8" && fitsBlocks(weights.config.width);
  const addTokenTable = (values: Float32Array) => {
    if (!inBlocks) {
      prepared.set(tokenTable, bytesOf(values));
      return;
    }
    const table = quantizeBlocks(values);
    prepared.set(tokenTable, bytesOf(table.values));
    prepared.set(scalesOf(tokenTable), bytesOf(table.scales));
  };
  for (const { tensor, name, shape, quantized, transposed } of list) {
    const values = await weights.read(tensor);
    const isTokenTable = embeds && tensor === "wte.weight";
    if (isTokenTable) addTokenTable(values);
    const [rows = 0, columns = 0] = shape;
    if (quantized) {
      const matrix = transposed ? quantizeTransposed(values, columns, rows) : quantizeColumns(values, rows, columns);
      prepared.set(name, bytesOf(matrix.values));
      prepared.set(scalesOf(name), bytesOf(matrix.scales));
    } else {
      prepared.set(name, bytesOf(transposed ? transpose(values, columns, rows) : values));
    }
    // What was made of the numbers is all that is needed, unless they were taken as they are.
    if ((quantized || transposed) && (!isTokenTable || inBlocks)) freeArray(values);
  }
  if (!embeds) return prepared;
  if (!prepared.has(tokenTable)) addTokenTable(await weights.read("wte.weight"));
  prepared.set(positionTable, bytesOf(await weights.read("wpe.weight")));
  return prepared;
}

/** How prepared weights are loaded, see `BackendOptions`. */
export interface LoadOptions {
  readonly precision: Precision;
  readonly cache?: PreparedWeightsCache;
  readonly onCacheError?: (error: unknown) => void;
}

/** The prepared weights: from the cache, or read, prepared and put there. An error of the cache is reported and otherwise ignored. */
export async function loadPreparedWeights(
  weights: Gpt2Weights,
  { precision, cache, onCacheError }: LoadOptions,
): Promise<PreparedWeights> {
  // In f32 there is little to prepare and much to write.
  if (!cache || precision === "f32") return prepareWeights(weights, precision);
  const key = preparedKey(weights, precision);
  const read = await cache.get(key).then(
    (packed) => ({ packed }),
    (error: unknown) => {
      onCacheError?.(error);
      return undefined;
    },
  );
  const known = read?.packed && unpackWeights(read.packed);
  if (known) return known;
  const prepared = await prepareWeights(weights, precision);
  // What could not be read is not written either, so the error is reported once.
  if (read) await cache.put(key, packWeights(prepared)).catch((error: unknown) => onCacheError?.(error));
  return prepared;
}

/** The embedding tables, copied if they are part of something larger. Those of a part of a model that has none are empty. */
export function embeddingsFrom(prepared: PreparedWeights, config: Gpt2Config): Embeddings {
  const scales = prepared.get(scalesOf(tokenTable));
  const values = prepared.get(tokenTable) ?? new Uint8Array();
  const token = scales
    ? blockTableEmbeddings({ values: new Int8Array(standalone(values)), scales: floats(scales) }, config.width)
    : floatEmbeddings(floats(values), config.width);
  const position = floatEmbeddings(floats(prepared.get(positionTable) ?? new Uint8Array()), config.width);
  return { token, position };
}

/** What prepared weights are kept under: the same for the same weights, precision and version of this preparation. */
export function preparedKey(weights: Gpt2Weights, precision: Precision): string {
  return `${weights.fingerprint}-${precision}-${preparedVersion}`;
}

/** Puts prepared weights into one array: a length, a JSON table of names and lengths, and the data. */
export function packWeights(prepared: PreparedWeights): Uint8Array {
  const table = new TextEncoder().encode(JSON.stringify(Array.from(prepared, ([name, { length }]) => [name, length])));
  const total = Array.from(prepared.values()).reduce((sum, { length }) => sum + length, 4 + table.length);
  const packed = new Uint8Array(total);
  new DataView(packed.buffer).setUint32(0, table.length, true);
  packed.set(table, 4);
  let offset = 4 + table.length;
  for (const bytes of prepared.values()) {
    packed.set(bytes, offset);
    offset += bytes.length;
  }
  return packed;
}

/** The inverse of {@link packWeights}, as views; undefined when the array is damaged or cut short. */
export function unpackWeights(packed: Uint8Array): PreparedWeights | undefined {
  try {
    const tableBytes = new DataView(packed.buffer, packed.byteOffset, packed.byteLength).getUint32(0, true);
    const table = JSON.parse(new TextDecoder().decode(packed.subarray(4, 4 + tableBytes))) as [string, number][];
    const prepared = new Map<string, Uint8Array>();
    let offset = 4 + tableBytes;
    for (const [name, length] of table) {
      // Not `subarray`: of a Node Buffer it is a Buffer, whose `slice` does not copy.
      prepared.set(name, new Uint8Array(packed.buffer, packed.byteOffset + offset, length));
      offset += length;
    }
    return offset === packed.length ? prepared : undefined;
  } catch {
    return undefined;
  }
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(standalone(bytes));
}

/** The buffer that holds just these bytes. */
function standalone(bytes: Uint8Array): ArrayBufferLike {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}
