import type { ByteSource } from "../byteSource";
import { ModelFileError } from "../errors";
import type { WeightsFormat } from "../format";
import { isJsonObject, type JsonObject, parseJsonObject } from "../json";
import { checkPlaces, type PlacedTensor, TensorReader } from "../tensorReader";

/** A header has some 100 bytes for each tensor; GPT-2 XL's has 60 kB. */
const headerLimits = { bytes: 16 << 20, values: 400_000 };

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
 * safetensors: a u64 header length, a JSON header with type, shape and place of every tensor, the data.
 * Format: https://github.com/safetensors/safetensors#format
 */
export const safetensorsFormat: WeightsFormat = {
  id: "safetensors",
  name: "safetensors",
  endings: [".safetensors"],
  usualNames: ["model.safetensors"],
  selfDescribing: false,
  detect: (start, size) => {
    const length = headerLength(start);
    return length !== undefined && start[8] === 0x7b && 8 + length <= size;
  },
  open: openSafetensors,
};

/** @throws ModelFileError when the header makes no sense or a tensor lies outside the file. The source is then disposed. */
export async function openSafetensors(source: ByteSource): Promise<TensorReader> {
  try {
    const { metadata, tensors } = await readHeader(source);
    return new TensorReader("safetensors", [source], metadata, tensors);
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

function headerLength(start: Uint8Array): number | undefined {
  if (start.length < 8) return undefined;
  return Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
}

async function readHeader(source: ByteSource) {
  const wrong = (why: string) => new ModelFileError(`${source.name} is not a usable safetensors file: ${why}.`);
  const length = headerLength(await source.read(0, Math.min(8, source.size)));
  if (length === undefined) throw wrong(source.size === 0 ? "it is empty" : "it is too short");
  if (length > headerLimits.bytes) throw wrong("its header length makes no sense");
  if (8 + length > source.size) throw wrong("it ends inside its header, so it is cut short or of another kind");
  const header = parseJsonObject(await source.read(8, length), `The header of ${source.name}`, headerLimits);

  const metadata = new Map<string, unknown>();
  const tensors = new Map<string, PlacedTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (!isJsonObject(entry)) throw wrong(`the header's entry ${name} is not an object`);
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
  { dtype, shape, data_offsets: offsets }: JsonObject,
  dataStart: number,
  source: ByteSource,
): PlacedTensor | undefined {
  if (typeof dtype !== "string" || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) return undefined;
  const [begin = 0, end = 0] = offsets;
  const byteLength = end - begin;
  const bytes = typeBytes.get(dtype);
  if (byteLength < 0 || shape.length > 16) return undefined;
  if (bytes !== undefined && shape.reduce((product, size) => product * size, bytes) !== byteLength) return undefined;
  return { name, shape, type: dtype, byteLength, offset: dataStart + begin, source };
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
