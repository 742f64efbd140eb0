import type { ByteSource } from "../byteSource";
import { ModelFileError } from "../errors";
import { checkPlaces, type PlacedTensor, TensorReader } from "../tensorReader";

/** The largest header that the reference implementation accepts, in bytes. */
const largestHeader = 100_000_000;

/** Bytes per number of the types that the format knows. */
const typeBytes: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  ["F64", 8],
  ["F32", 4],
  ["F16", 2],
  ["BF16", 2],
  ["F8_E4M3", 1],
  ["F8_E5M2", 1],
  ["I64", 8],
  ["I32", 4],
  ["I16", 2],
  ["I8", 1],
  ["U64", 8],
  ["U32", 4],
  ["U16", 2],
  ["U8", 1],
  ["BOOL", 1],
]);

/**
 * Opens a safetensors file: a u64 header length, a JSON header with type, shape and place of every tensor, the data.
 * Format: https://github.com/safetensors/safetensors#format
 * @throws ModelFileError when the header makes no sense or a tensor lies outside the file. The source is then disposed.
 */
export async function openSafetensors(source: ByteSource): Promise<TensorReader> {
  try {
    const { metadata, tensors } = await readHeader(source);
    return new TensorReader("safetensors", [source], metadata, tensors);
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Opens the shards of one model as if they were one file.
 * @param index the text of `model.safetensors.index.json`
 * @param open opens a shard by its file name
 * @throws ModelFileError when the index makes no sense, or a shard lacks a tensor that the index puts there
 */
export async function openShards(
  index: string,
  indexName: string,
  open: (name: string) => Promise<ByteSource>,
): Promise<TensorReader> {
  const places = parseIndex(index, indexName);
  const shards = new Map<string, TensorReader>();
  try {
    for (const file of new Set(places.values())) shards.set(file, await openSafetensors(await open(file)));
    const tensors = new Map<string, PlacedTensor>();
    for (const [name, file] of places) {
      const tensor = shards.get(file)?.tensors.get(name);
      if (tensor === undefined)
        throw new ModelFileError(`${file} lacks the tensor ${name}, which ${indexName} puts there.`);
      tensors.set(name, tensor);
    }
    const all = [...shards.values()];
    const metadata = new Map(all.flatMap((shard) => [...shard.metadata]));
    return new TensorReader(
      "safetensors",
      all.flatMap((shard) => shard.sources),
      metadata,
      tensors,
    );
  } catch (error) {
    await Promise.all(Array.from(shards.values(), (shard) => shard[Symbol.asyncDispose]()));
    throw error;
  }
}

async function readHeader(source: ByteSource) {
  const wrong = (why: string) => new ModelFileError(`${source.name} is not a usable safetensors file: ${why}.`);
  if (source.size < 8) throw wrong(source.size === 0 ? "it is empty" : "it is too short");
  const start = await source.read(0, 8);
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (length > largestHeader) throw wrong("its header length makes no sense");
  if (8 + length > source.size) throw wrong("it ends inside its header, so it is cut short or of another kind");
  const header = parseJson(await source.read(8, length));
  if (header === undefined) throw wrong("its header is not a JSON object");

  const metadata = new Map<string, unknown>();
  const tensors = new Map<string, PlacedTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (!isObject(entry)) throw wrong(`the header's entry ${name} is not an object`);
    if (name === "__metadata__") {
      for (const [key, value] of Object.entries(entry)) metadata.set(key, value);
    } else {
      const tensor = parseEntry(name, entry, 8 + length, source);
      if (tensor === undefined) throw wrong(`the header's entry of the tensor ${name} makes no sense`);
      tensors.set(name, tensor);
    }
  }
  checkPlaces(source, tensors.values());
  return { metadata, tensors };
}

/** A tensor of the header, or undefined when its size and place contradict each other. */
function parseEntry(
  name: string,
  { dtype, shape, data_offsets: offsets }: Readonly<Record<string, unknown>>,
  dataStart: number,
  source: ByteSource,
): PlacedTensor | undefined {
  if (typeof dtype !== "string" || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) return undefined;
  const [begin = 0, end = 0] = offsets;
  const byteLength = end - begin;
  const bytes = typeBytes.get(dtype);
  if (byteLength < 0) return undefined;
  if (bytes !== undefined && shape.reduce((product, size) => product * size, bytes) !== byteLength) return undefined;
  return { name, shape, type: dtype, byteLength, offset: dataStart + begin, source };
}

function parseIndex(text: string, name: string): ReadonlyMap<string, string> {
  const map = parseJson(new TextEncoder().encode(text))?.["weight_map"];
  const entries = isObject(map) ? Object.entries(map) : [];
  // A shard's name is a file beside the index, never a path to somewhere else.
  const files = entries.filter((entry): entry is [string, string] => /^[^/\\]+$/.test(String(entry[1])));
  if (files.length === 0 || files.length !== entries.length) {
    throw new ModelFileError(
      `${name} does not say which file holds which tensor: its "weight_map" is missing or damaged.`,
    );
  }
  return new Map(files);
}

function parseJson(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
