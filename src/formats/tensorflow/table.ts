/**
 * LevelDB's sorted table, in which TensorFlow keeps the index of a checkpoint.
 * Source: https://github.com/google/leveldb/blob/main/doc/table_format.md and `tensorflow/core/lib/io/table_builder.cc`.
 */
import { varint } from "../protobuf";

/** The table is damaged; the message completes "the file is not usable: …". */
export class BadTable extends Error {}

const footerBytes = 48;
const trailerBytes = 5;
const magic = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];
/** Bytes that the keys of a table may have together: they are written with what they share left out, and could grow without end. */
const mostKeyBytes = 8 << 20;

export interface TableEntry {
  readonly key: string;
  readonly value: Uint8Array;
}

/**
 * The entries of a table in their order.
 * @throws BadTable or BadMessage when it is damaged, or compressed, which TensorFlow never does
 */
export function* tableEntries(bytes: Uint8Array): Generator<TableEntry> {
  const footer = bytes.length - footerBytes;
  if (footer < 0 || magic.some((byte, i) => bytes[footer + 40 + i] !== byte)) throw new BadTable("it is cut short");
  const cursor = new Cursor(bytes, footer);
  blockAt(cursor);
  const index = blockAt(cursor);
  const budget = { left: mostKeyBytes };
  for (const { value } of blockEntries(bytes, index, budget)) {
    for (const entry of blockEntries(bytes, blockAt(new Cursor(value)), budget)) {
      yield { key: new TextDecoder().decode(entry.key), value: entry.value };
    }
  }
}

interface Block {
  readonly offset: number;
  readonly size: number;
}

function blockAt(cursor: Cursor): Block {
  return { offset: cursor.varint(), size: cursor.varint() };
}

/** The entries of a block: how much of its key each shares with the one before, the rest of the key, the value. */
function* blockEntries(bytes: Uint8Array, { offset, size }: Block, budget: { left: number }) {
  if (offset + size + trailerBytes > bytes.length || size < 4) throw new BadTable("a block lies outside of it");
  if (bytes[offset + size] !== 0) throw new BadTable("it is compressed");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const restarts = view.getUint32(offset + size - 4, true);
  const end = offset + size - 4 - 4 * restarts;
  if (end < offset) throw new BadTable("a block is damaged");
  const cursor = new Cursor(bytes.subarray(0, end), offset);
  let key = new Uint8Array();
  while (cursor.at < end) {
    const [shared, rest, length] = [cursor.varint(), cursor.varint(), cursor.varint()];
    if (shared > key.length) throw new BadTable("a block is damaged");
    budget.left -= 1 + shared + rest;
    if (budget.left < 0) throw new BadTable("its names are longer than any model's");
    key = Uint8Array.from([...key.subarray(0, shared), ...cursor.take(rest)]);
    yield { key, value: cursor.take(length) };
  }
}

/** Reads values one after another. */
class Cursor {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  varint(): number {
    const { value, length } = varint(this.#bytes, this.at);
    this.at += length;
    return value;
  }

  take(length: number): Uint8Array {
    const start = this.at;
    if (start + length > this.#bytes.length) throw new BadTable("it is cut short or damaged");
    this.at += length;
    return this.#bytes.subarray(start, this.at);
  }
}
