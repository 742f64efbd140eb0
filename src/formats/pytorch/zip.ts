/**
 * The directory of a ZIP archive. Source: PKWARE's APPNOTE, sections 4.3 and 4.5.3 (ZIP64). Entries must be stored as they are, as
 * `torch.save` does: nothing is ever decompressed.
 */
import type { ByteSource } from "../byteSource";

export interface ZipEntry {
  readonly name: string;
  /** Bytes from the beginning of the file to the entry's data. */
  readonly offset: number;
  readonly byteLength: number;
}

/** The archive is damaged or of a kind that is not read; the message completes "the file is not usable: …". */
export class BadZip extends Error {}

const endSignature = 0x06054b50;
const end64LocatorSignature = 0x07064b50;
const end64Signature = 0x06064b50;
const directorySignature = 0x02014b50;
const localSignature = 0x04034b50;

const endBytes = 22;
const largestComment = 0xffff;
const largestDirectory = 16 << 20;
const mostEntries = 100_000;

/** Whether a file begins like an archive that has entries. */
export function isZip(start: Uint8Array): boolean {
  return start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4;
}

/**
 * The entries of an archive, in the order of their data.
 * @throws BadZip when it is damaged, compressed, or entries overlap
 */
export async function readZip(source: ByteSource): Promise<readonly ZipEntry[]> {
  const { offset, byteLength, count } = await findDirectory(source);
  if (byteLength > largestDirectory || count > mostEntries)
    throw new BadZip("its directory is larger than any model's");
  if (offset + byteLength > source.size) throw new BadZip("its directory lies outside the file");
  const directory = viewOf(await source.read(offset, byteLength));
  const entries: DirectoryEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const entry = readDirectoryEntry(directory, at);
    entries.push(entry);
    at = entry.end;
  }
  entries.sort((a, b) => a.headerOffset - b.headerOffset);
  return placeEntries(source, entries, offset);
}

interface DirectoryEntry {
  readonly name: string;
  readonly headerOffset: number;
  readonly byteLength: number;
  /** Where the next entry of the directory begins. */
  readonly end: number;
}

async function findDirectory(source: ByteSource) {
  const length = Math.min(source.size, endBytes + largestComment);
  const tail = viewOf(await source.read(source.size - length, length));
  for (let at = length - endBytes; at >= 0; at--) {
    if (tail.getUint32(at, true) !== endSignature) continue;
    const directory = {
      count: tail.getUint16(at + 10, true),
      byteLength: tail.getUint32(at + 12, true),
      offset: tail.getUint32(at + 16, true),
    };
    const isLarge =
      directory.count === 0xffff || directory.byteLength === 0xffffffff || directory.offset === 0xffffffff;
    return isLarge && at >= 20 ? await findLargeDirectory(source, tail, at - 20) : directory;
  }
  throw new BadZip("it has no directory, so it is cut short");
}

/** ZIP64, for archives of 4 GiB and more. @param locatorAt position in `tail` of what says where its end record is */
async function findLargeDirectory(source: ByteSource, tail: DataView, locatorAt: number) {
  if (tail.getUint32(locatorAt, true) !== end64LocatorSignature) throw new BadZip("its directory cannot be found");
  const at = sizeAt(tail, locatorAt + 8);
  if (at + 56 > source.size) throw new BadZip("its directory lies outside the file");
  const end = viewOf(await source.read(at, 56));
  if (end.getUint32(0, true) !== end64Signature) throw new BadZip("its directory cannot be found");
  return { count: sizeAt(end, 32), byteLength: sizeAt(end, 40), offset: sizeAt(end, 48) };
}

function readDirectoryEntry(view: DataView, at: number): DirectoryEntry {
  if (at + 46 > view.byteLength || view.getUint32(at, true) !== directorySignature) {
    throw new BadZip("its directory is damaged");
  }
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
  const extraAt = at + 46 + (nameLength ?? 0);
  const end = extraAt + (extraLength ?? 0) + (commentLength ?? 0);
  if (end > view.byteLength) throw new BadZip("its directory is damaged");
  const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + 46, nameLength));
  if ((view.getUint16(at + 8, true) & 1) !== 0) throw new BadZip(`its entry ${name} is encrypted`);
  if (view.getUint16(at + 10, true) !== 0) {
    throw new BadZip(`its entry ${name} is compressed, which PyTorch's files never are`);
  }
  const large = largeFields(view, extraAt, extraAt + (extraLength ?? 0));
  const field = (position: number) => {
    const value = view.getUint32(at + position, true);
    return value === 0xffffffff ? (large.shift() ?? value) : value;
  };
  // ZIP64 gives those of the fields that do not fit, in this order.
  const byteLength = field(24);
  const storedLength = field(20);
  const headerOffset = field(42);
  if (storedLength !== byteLength) throw new BadZip(`its entry ${name} has two different sizes`);
  return { name, headerOffset, byteLength, end };
}

/** The 64-bit numbers of the extra field with the id 1. */
function largeFields(view: DataView, from: number, to: number): number[] {
  for (let at = from; at + 4 <= to;) {
    const length = view.getUint16(at + 2, true);
    const end = Math.min(at + 4 + length, to);
    if (view.getUint16(at, true) === 1) {
      const fields: number[] = [];
      for (let next = at + 4; next + 8 <= end; next += 8) fields.push(sizeAt(view, next));
      return fields;
    }
    at = end;
  }
  return [];
}

/** Finds the data of each entry, after the header in front of it, whose length only that header says. */
async function placeEntries(
  source: ByteSource,
  entries: readonly DirectoryEntry[],
  dataEnd: number,
): Promise<readonly ZipEntry[]> {
  const placed: ZipEntry[] = [];
  let lastEnd = 0;
  for (const { name, headerOffset, byteLength } of entries) {
    if (headerOffset < lastEnd) throw new BadZip(`its entries ${placed.at(-1)?.name ?? ""} and ${name} overlap`);
    if (headerOffset + 30 > dataEnd) throw new BadZip(`its entry ${name} lies outside the file`);
    const header = viewOf(await source.read(headerOffset, 30));
    if (header.getUint32(0, true) !== localSignature) throw new BadZip(`its entry ${name} is damaged`);
    const offset = headerOffset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
    if (offset + byteLength > dataEnd) throw new BadZip(`its entry ${name} lies outside the file`);
    placed.push({ name, offset, byteLength });
    lastEnd = offset + byteLength;
  }
  return placed;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A u64 that is a size or a place in the file. */
function sizeAt(view: DataView, at: number): number {
  const value = Number(view.getBigUint64(at, true));
  if (!Number.isSafeInteger(value)) throw new BadZip("it has a size beyond any file's");
  return value;
}
