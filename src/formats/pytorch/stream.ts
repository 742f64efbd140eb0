import type { ByteSource } from "../byteSource";
import { type Pickle, readPickle } from "./pickle";
import { BadPickle, isDictionary, isList, PickleGoesOn } from "./pickleValue";
import { isAllowedGlobal, storageOf } from "./stateDict";

/** The number that the stream begins with, as its pickle holds it. */
const magic = "0x1950a86a20f9469cfc6c";
const protocol = 1001;

/** Bytes that are read at first; the pickles of most models are smaller. */
const firstRead = 1 << 18;

/**
 * Reads the older form of PyTorch's files: pickles of a magic number, a protocol version, facts about the machine, the state dict and the keys of the
 * storages, then each storage as a u64 count and its numbers.
 * @param largest bytes that the pickles may have together
 * @throws BadPickle when it is something else, or cut short
 */
export async function readStream(source: ByteSource, largest: number) {
  const [magicNumber, version, machine, state, keys] = await readPickles(source, largest);
  if (magicNumber?.value !== magic) throw new BadPickle("it is a pickle, but not one that PyTorch wrote");
  if (version?.value !== protocol) throw new BadPickle("it has an unknown version");
  if (isDictionary(machine?.value) && machine.value.get("little_endian") === false) {
    throw new BadPickle("its numbers are big-endian");
  }
  if (state === undefined || keys === undefined) throw new BadPickle("it is cut short");
  return { state: state.value, storages: await placeStorages(source, state, keys) };
}

async function readPickles(source: ByteSource, largest: number) {
  for (let length = Math.min(firstRead, source.size); ; length = Math.min(4 * length, source.size)) {
    const bytes = await source.read(0, length);
    try {
      return fivePickles(bytes);
    } catch (error) {
      if (!(error instanceof PickleGoesOn)) throw error;
    }
    if (length === source.size) throw new BadPickle("it ends inside its pickles, so it is cut short");
    if (length >= largest) throw new BadPickle("its pickles are larger than any model's");
  }
}

function fivePickles(bytes: Uint8Array): Pickle[] {
  const pickles: Pickle[] = [];
  while (pickles.length < 5) {
    pickles.push(readPickle(bytes, pickles.at(-1)?.end ?? 0, isAllowedGlobal));
    if (pickles[0]?.value !== magic) break;
  }
  return pickles;
}

/** Walks over the storages, which lie one after another in the order of the keys. */
async function placeStorages(source: ByteSource, state: Pickle, keys: Pickle) {
  const known = new Map(state.persistentIds.map((id) => [storageOf(id, "a tensor").key, storageOf(id, "a tensor")]));
  const storages = new Map<string, { offset: number; byteLength: number }>();
  if (!isList(keys.value)) throw new BadPickle("its list of storages is missing");
  let offset = keys.end;
  for (const key of keys.value) {
    const storage = typeof key === "string" ? known.get(key) : undefined;
    if (storage?.type === undefined || storages.has(storage.key)) {
      throw new BadPickle("its list of storages makes no sense");
    }
    const byteLength = storage.count * storage.type.bytes;
    if (offset + 8 + byteLength > source.size) throw new BadPickle("it ends inside its numbers, so it is cut short");
    const count = await source.read(offset, 8);
    if (new DataView(count.buffer, count.byteOffset, 8).getBigUint64(0, true) !== BigInt(storage.count)) {
      throw new BadPickle(`its storage ${storage.key} has another size than its tensors say`);
    }
    storages.set(storage.key, { offset: offset + 8, byteLength });
    offset += 8 + byteLength;
  }
  return storages;
}
