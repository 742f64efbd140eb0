/**
 * The fields of a protocol buffers message in a file, one after another, without reading what they hold.
 * Source: protobuf.dev, "Encoding".
 */
import type { ByteSource } from "./byteSource";

/** The message is damaged; the message completes "the file is not usable: …". */
export class BadMessage extends Error {}

export interface Field {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  readonly wireType: number;
  /** Bytes from the beginning of the source to the field's content. */
  readonly offset: number;
  readonly byteLength: number;
  /** Of a varint. */
  readonly value: number;
}

/** Fields of one file at most: an export of GPT-2 XL has 20,000. */
const mostFields = 2_000_000;
const windowBytes = 1 << 16;
/** A field's tag and length take ten bytes each at most. */
const longestHeader = 20;

/** Reads fields from a source by a window that moves forward. */
export class FieldReader {
  readonly #source: ByteSource;
  #window = new Uint8Array();
  #windowStart = 0;
  #count = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /**
   * The fields of the message from `start` to `end`.
   * @throws BadMessage when one reaches past its end
   */
  async *fields(start: number, end: number): AsyncGenerator<Field> {
    for (let at = start; at < end;) {
      if (++this.#count > mostFields) throw new BadMessage("it has more parts than any model's");
      const field = readField(await this.#bytesAt(at, end), at, end);
      yield field;
      at = field.offset + field.byteLength;
    }
  }

  /** The bytes of a field. @param longest how many it may have */
  async bytes({ offset, byteLength }: Field, longest: number): Promise<Uint8Array> {
    if (byteLength > longest) throw new BadMessage(`it has a part of ${byteLength} bytes where ${longest} are enough`);
    const inWindow = offset - this.#windowStart;
    if (inWindow >= 0 && inWindow + byteLength <= this.#window.length) {
      return this.#window.slice(inWindow, inWindow + byteLength);
    }
    return this.#source.read(offset, byteLength);
  }

  async text(field: Field): Promise<string> {
    return new TextDecoder().decode(await this.bytes(field, 4096));
  }

  async #bytesAt(at: number, end: number): Promise<Uint8Array> {
    const needed = Math.min(longestHeader, end - at);
    if (at < this.#windowStart || at + needed > this.#windowStart + this.#window.length) {
      this.#windowStart = at;
      this.#window = new Uint8Array(await this.#source.read(at, Math.min(windowBytes, this.#source.size - at)));
    }
    return this.#window.subarray(at - this.#windowStart);
  }
}

/** The fields of a message in memory. @throws BadMessage when one reaches past its end */
export function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  for (let at = 0; at < bytes.length;) {
    const field = readField(bytes.subarray(at), at, bytes.length);
    yield field;
    at = field.offset + field.byteLength;
  }
}

/** @param bytes from the field on @param at where that is @param end of the message */
function readField(bytes: Uint8Array, at: number, end: number): Field {
  const tag = varint(bytes, 0);
  const [number, wireType] = [Math.floor(tag.value / 8), tag.value % 8];
  const offset = at + tag.length;
  switch (wireType) {
    case 0: {
      const { value, length } = varint(bytes, tag.length);
      return checked({ number, wireType, offset, byteLength: length, value }, end);
    }
    case 1:
      return checked({ number, wireType, offset, byteLength: 8, value: 0 }, end);
    case 2: {
      const { value, length } = varint(bytes, tag.length);
      return checked({ number, wireType, offset: offset + length, byteLength: value, value: 0 }, end);
    }
    case 5:
      return checked({ number, wireType, offset, byteLength: 4, value: 0 }, end);
    default:
      throw new BadMessage("it is damaged");
  }
}

function checked(field: Field, end: number): Field {
  if (field.offset + field.byteLength <= end) return field;
  throw new BadMessage("it is cut short or damaged");
}

/**
 * A varint and how many bytes it takes; what it has beyond 2⁵³ is lost, for no size has that.
 * @throws BadMessage when the bytes end before it does
 */
export function varint(bytes: Uint8Array, at: number): { value: number; length: number } {
  let value = 0;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) throw new BadMessage("it is cut short or damaged");
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return { value, length: i + 1 };
  }
  throw new BadMessage("it is damaged");
}

/** The varints of a packed field. */
export function packedVarints(bytes: Uint8Array): number[] {
  const values: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const { value, length } = varint(bytes, at);
    values.push(value);
    at += length;
  }
  return values;
}
