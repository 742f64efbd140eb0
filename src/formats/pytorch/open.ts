import type { ByteSource } from "../byteSource";
import { ModelFileError } from "../errors";
import type { WeightsFormat } from "../format";
import { type PlacedTensor, TensorReader } from "../tensorReader";
import { readPickle } from "./pickle";
import { BadPickle, PickleGoesOn, type PickleValue } from "./pickleValue";
import { isAllowedGlobal, type StateTensor, stateTensors } from "./stateDict";
import { readStream } from "./stream";
import { BadZip, isZip, readZip } from "./zip";

/** A state dict of a thousand tensors has 200 kB. */
const largestPickle = 16 << 20;

/** Where the storages of a file are, in bytes from its beginning. */
export type StoragePlaces = ReadonlyMap<string, { readonly offset: number; readonly byteLength: number }>;

/**
 * What `torch.save` writes: a ZIP archive of a pickle and one entry per storage, or, before PyTorch 1.6, a stream of pickles and storages.
 * Source: `torch/serialization.py`, `_save` and `_legacy_save`.
 */
export const pytorchFormat: WeightsFormat = {
  id: "pytorch",
  name: "PyTorch",
  endings: [".bin", ".pt", ".pth", ".ckpt"],
  usualNames: ["pytorch_model.bin"],
  selfDescribing: false,
  // A pickle begins with its protocol: 0x80, then 2 to 5.
  detect: (start) => isZip(start) || (start[0] === 0x80 && (start[1] ?? 0) >= 2 && (start[1] ?? 0) <= 5),
  open: openPytorch,
};

/** @throws ModelFileError when the file is damaged or not PyTorch's, or its pickle asks for more than tensors. The source is then disposed. */
async function openPytorch(source: ByteSource): Promise<TensorReader> {
  try {
    const start = await source.read(0, Math.min(4, source.size));
    const { state, storages } = isZip(start) ? await readArchive(source) : await readStream(source, largestPickle);
    const tensors = new Map<string, PlacedTensor>();
    for (const tensor of stateTensors(state)) tensors.set(tensor.name, place(tensor, storages, source));
    return new TensorReader("pytorch", [source], new Map(), tensors);
  } catch (error) {
    await source[Symbol.asyncDispose]();
    if (error instanceof BadPickle || error instanceof BadZip) {
      throw new ModelFileError(`${source.name} is not a usable PyTorch file: ${error.message}.`, { cause: error });
    }
    throw error;
  }
}

/** The archive's pickle, and its entries `data/KEY`. All are in one folder, whose name is that of the file it was saved as. */
async function readArchive(source: ByteSource): Promise<{ state: PickleValue; storages: StoragePlaces }> {
  const entries = await readZip(source);
  const pickles = entries.filter(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickle, another] = pickles;
  if (pickle === undefined) throw new BadZip("it is an archive without data.pkl");
  if (another !== undefined) throw new BadZip("it has two entries named data.pkl");
  if (pickle.byteLength > largestPickle) throw new BadPickle("its pickle is larger than any model's");
  const folder = pickle.name.slice(0, -"data.pkl".length);
  const order = entries.find(({ name }) => name === `${folder}byteorder`);
  if (order !== undefined && order.byteLength < 16) {
    const text = new TextDecoder().decode(await source.read(order.offset, order.byteLength));
    if (text.trim() !== "little") throw new BadZip("its numbers are big-endian");
  }
  const prefix = `${folder}data/`;
  const storages = new Map<string, { offset: number; byteLength: number }>();
  for (const { name, offset, byteLength } of entries) {
    if (!name.startsWith(prefix)) continue;
    const key = name.slice(prefix.length);
    if (storages.has(key)) throw new BadZip(`it has two entries named ${name}`);
    storages.set(key, { offset, byteLength });
  }
  return { state: wholePickle(await source.read(pickle.offset, pickle.byteLength)), storages };
}

function wholePickle(bytes: Uint8Array): PickleValue {
  try {
    return readPickle(bytes, 0, isAllowedGlobal).value;
  } catch (error) {
    if (error instanceof PickleGoesOn) throw new BadPickle("its pickle is cut short");
    throw error;
  }
}

function place(tensor: StateTensor, storages: StoragePlaces, source: ByteSource): PlacedTensor {
  const { name, shape, type, byteLength, storage } = tensor;
  const found = storages.get(storage.key);
  if (found === undefined) throw new BadPickle(`the numbers of its tensor ${name} are missing`);
  if (found.byteLength < storage.byteLength) throw new BadPickle(`the numbers of its tensor ${name} are cut short`);
  return { name, shape, type, byteLength, offset: found.offset + tensor.offset, source };
}
