import type { ByteSource } from "../byteSource";
import { ModelFileError } from "../errors";
import type { OpenSibling, WeightsFormat } from "../format";
import { BadMessage, fieldsOf } from "../protobuf";
import { checkPlaces, type PlacedTensor, TensorReader } from "../tensorReader";
import { BadTable, tableEntries } from "./table";

/** The index of a model of a thousand tensors has 50 kB. */
const largestIndex = 16 << 20;
const mostShards = 100;

/** `DataType` of TensorFlow by number. */
const types: ReadonlyMap<number, { readonly name: string; readonly bytes: number }> = new Map([
  [1, { name: "F32", bytes: 4 }],
  [2, { name: "F64", bytes: 8 }],
  [14, { name: "BF16", bytes: 2 }],
  [19, { name: "F16", bytes: 2 }],
]);

/**
 * A checkpoint of TensorFlow, as OpenAI published GPT-2: `model.ckpt.index` is a sorted table of the tensors and their places in
 * `model.ckpt.data-00000-of-00001`. Source: `tensorflow/core/util/tensor_bundle/tensor_bundle.h` and `tensor_bundle.proto`.
 */
export const tensorflowFormat: WeightsFormat = {
  id: "tensorflow",
  name: "TensorFlow checkpoint",
  endings: [".index"],
  usualNames: ["model.ckpt.index"],
  selfDescribing: false,
  // The first entry has an empty key and says how many files there are: no shared bytes, no key, a short value, field 1.
  detect: (start) => start[0] === 0 && start[1] === 0 && (start[2] ?? 255) < 64 && start[3] === 8,
  open: openCheckpoint,
};

/** @throws ModelFileError when the index is damaged or a data file is missing or cut short. All sources are then disposed. */
async function openCheckpoint(source: ByteSource, openSibling?: OpenSibling): Promise<TensorReader> {
  const sources = [source];
  const wrong = (why: string) => new ModelFileError(`${source.name} is not a usable TensorFlow checkpoint: ${why}.`);
  try {
    if (source.size > largestIndex) throw wrong("it is too large for an index");
    const [header, ...entries] = tableEntries(await source.read(0, source.size));
    if (header?.key !== "") throw wrong("it does not say how many data files it has");
    const shards = valueOf(header.value, 1);
    if (shards < 1 || shards > mostShards) throw wrong(`it is split into ${shards} files`);
    if (valueOf(header.value, 2) !== 0) throw wrong("its numbers are big-endian");
    if (openSibling === undefined) throw wrong("its data files are missing");
    const stem = source.name.replace(/\.index$/, "");
    const digits = (number: number) => String(number).padStart(5, "0");
    for (let shard = 0; shard < shards; shard++) {
      sources.push(await openSibling(`${stem}.data-${digits(shard)}-of-${digits(shards)}`));
    }
    const tensors = new Map<string, PlacedTensor>();
    for (const { key, value } of entries) {
      if (tensors.has(key)) throw wrong(`it has two tensors named ${key}`);
      tensors.set(key, tensorAt(key, value, sources));
    }
    for (const data of sources.slice(1)) {
      const inFile = [...tensors.values()].filter(({ source: own }) => own === data);
      checkPlaces(data, inFile);
    }
    return new TensorReader("tensorflow", sources, new Map(), tensors);
  } catch (error) {
    await Promise.all(sources.map((opened) => opened[Symbol.asyncDispose]()));
    if (error instanceof BadTable || error instanceof BadMessage) throw wrong(error.message);
    throw error;
  }
}

/** A tensor from its `BundleEntryProto`. @param sources the index, then the data files */
function tensorAt(name: string, entry: Uint8Array, sources: readonly ByteSource[]): PlacedTensor {
  const type = types.get(valueOf(entry, 1));
  const source = sources[1 + valueOf(entry, 3)];
  const byteLength = valueOf(entry, 5);
  const stored = shapeOf(entry);
  // A linear layer is a convolution over one position.
  const shape = stored.length === 3 && stored[0] === 1 ? stored.slice(1) : stored;
  if (source === undefined) throw new BadTable(`its tensor ${name} is in a file that does not exist`);
  const numbers = shape.reduce((product, size) => product * size, 1);
  if (shape.length > 16 || (type && numbers * type.bytes !== byteLength)) {
    throw new BadTable(`its tensor ${name} has another size than its shape says`);
  }
  const typeName = type?.name ?? `TensorFlow's type ${valueOf(entry, 1)}`;
  return { name, shape, type: typeName, byteLength, offset: valueOf(entry, 4), source };
}

/** `TensorShapeProto`: a message for each dimension, whose first field is its size. */
function shapeOf(entry: Uint8Array): number[] {
  const shape: number[] = [];
  for (const field of fieldsOf(entry)) {
    if (field.number !== 2 || field.wireType !== 2) continue;
    const message = entry.subarray(field.offset, field.offset + field.byteLength);
    for (const { number, wireType, offset, byteLength } of fieldsOf(message)) {
      if (number === 2 && wireType === 2) shape.push(valueOf(message.subarray(offset, offset + byteLength), 1));
    }
  }
  return shape;
}

/** A number in a message; 0, which is not written, when it is not there. */
function valueOf(message: Uint8Array, number: number): number {
  let value = 0;
  for (const field of fieldsOf(message)) if (field.number === number && field.wireType === 0) value = field.value;
  return value;
}
