/**
 * The header of a GGUF file. (`@huggingface/gguf` reads headers too, but only from a URL or a path, not from bytes that are at hand,
 * and takes a file that ends early for zeros; it serves the tests as a second opinion.)
 */
import { defaultAlignment, type GgmlType, ggmlTypes, magic, type ValueType, valueTypes } from "./types";

/** A metadata value. Arrays of numbers are typed arrays, booleans 0 or 1 in them; u64 and i64 past 2⁵³ are bigints. */
export type GgufValue =
  | number
  | bigint
  | boolean
  | string
  | StringList
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array
  | readonly GgufValue[];

export interface GgufTensor {
  readonly name: string;
  /** Outermost dimension first. */
  readonly shape: readonly number[];
  readonly type: GgmlType;
  /** Bytes from the beginning of the data. */
  readonly offset: number;
}

export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
  /** Bytes from the beginning of the file to the data. */
  readonly dataStart: number;
}

/** The bytes given end before the header does. */
export class HeaderGoesOn extends Error {}

/** The header says something that cannot be; the message completes "the file is not usable: …". */
export class BadHeader extends Error {}

/** Limits far above what models need; reading more would take seconds. */
const mostValues = 10_000;
const mostTensors = 100_000;
const mostNestedArrays = 10_000;
const longestName = 1024;

/**
 * Parses a header. Nothing is allocated for a count or a length before that many bytes are known to be there.
 * @param bytes the beginning of the file
 * @throws HeaderGoesOn when more of the file is needed, BadHeader when it makes no sense
 */
export function parseHeader(bytes: Uint8Array): GgufHeader {
  const cursor = new Cursor(bytes);
  if (cursor.u32() !== magic) throw new BadHeader('it does not begin with "GGUF"');
  const version = cursor.u32();
  if (version !== 2 && version !== 3) throw new BadHeader(`it has version ${version}, and only 2 and 3 are known`);
  const tensorCount = cursor.size();
  const valueCount = cursor.size();

  if (valueCount > mostValues) throw new BadHeader(`it has ${valueCount} metadata values, more than any model needs`);
  if (tensorCount > mostTensors) throw new BadHeader(`it has ${tensorCount} tensors, more than any model needs`);

  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < valueCount; i++) {
    const key = cursor.string(longestName);
    if (metadata.has(key)) throw new BadHeader(`it has two values for ${key}`);
    metadata.set(key, readValue(cursor, readType(cursor), 0));
  }
  const alignment = alignmentOf(metadata);
  const tensors = new Map<string, GgufTensor>();
  for (let i = 0; i < tensorCount; i++) {
    const tensor = readTensor(cursor, alignment);
    if (tensors.has(tensor.name)) throw new BadHeader(`it has two tensors named ${tensor.name}`);
    tensors.set(tensor.name, tensor);
  }
  const dataStart = Math.ceil(cursor.position / alignment) * alignment;
  return { version, metadata, tensors: [...tensors.values()], dataStart };
}

function alignmentOf(metadata: ReadonlyMap<string, GgufValue>): number {
  const alignment = metadata.get("general.alignment") ?? defaultAlignment;
  if (typeof alignment === "number" && alignment > 0 && alignment % 8 === 0) return alignment;
  throw new BadHeader("its alignment is not a multiple of 8");
}

function readTensor(cursor: Cursor, alignment: number): GgufTensor {
  const name = cursor.string(longestName);
  const dimensions = cursor.u32();
  if (dimensions > 4) throw new BadHeader(`the tensor ${name} has ${dimensions} dimensions`);
  const shape = Array.from({ length: dimensions }, () => cursor.size()).reverse();
  const number = cursor.u32();
  const type = ggmlTypes.get(number);
  if (type === undefined)
    throw new BadHeader(`the tensor ${name} is stored in a way (type ${number}) that is not known`);
  if ((shape.at(-1) ?? 1) % type.length !== 0) {
    throw new BadHeader(`the rows of the tensor ${name} are no whole number of ${type.name} blocks`);
  }
  const offset = cursor.size();
  if (offset % alignment !== 0) throw new BadHeader(`the tensor ${name} is not aligned`);
  return { name, shape, type, offset };
}

function readType(cursor: Cursor): ValueType {
  const number = cursor.u32();
  const type = valueTypes[number];
  if (type === undefined) throw new BadHeader(`it has a metadata value of unknown type ${number}`);
  return type;
}

function readValue(cursor: Cursor, type: ValueType, depth: number): GgufValue {
  if (type === "bool") return cursor.number("u8") !== 0;
  if (type === "string") return cursor.string();
  if (type === "array") return readArray(cursor, depth);
  const value = cursor.number(type);
  return typeof value === "bigint" && BigInt.asIntN(54, value) === value ? Number(value) : value;
}

function readArray(cursor: Cursor, depth: number): GgufValue {
  if (depth > 2) throw new BadHeader("its metadata has arrays nested too deeply");
  const type = readType(cursor);
  const length = cursor.size();
  if (type === "string") return cursor.strings(length);
  if (type !== "array") return cursor.numbers(type === "bool" ? "u8" : type, length);
  if (length > mostNestedArrays) throw new BadHeader("its metadata has too many arrays in arrays");
  const values: GgufValue[] = [];
  for (let i = 0; i < length; i++) values.push(readArray(cursor, depth + 1));
  return values;
}

const arrays = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  u64: BigUint64Array,
  i64: BigInt64Array,
  f64: Float64Array,
};

type NumberType = keyof typeof arrays;

const utf8 = new TextDecoder();

/** A copy with a buffer of its own, which `slice` does not give of Node's Buffer. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/** Reads little-endian values one after another. */
class Cursor {
  position = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The position of the next `length` bytes, which are there. */
  #take(length: number): number {
    const start = this.position;
    if (start + length > this.#bytes.length) throw new HeaderGoesOn();
    this.position += length;
    return start;
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A u64 that counts something in the file. */
  size(): number {
    const value = Number(this.#view.getBigUint64(this.#take(8), true));
    if (!Number.isSafeInteger(value)) throw new BadHeader("it has a length beyond any file's");
    return value;
  }

  /** @param longest bytes that it may have */
  string(longest = Infinity): string {
    const length = this.size();
    if (length > longest) throw new BadHeader(`it has a name of ${length} bytes`);
    const start = this.#take(length);
    return utf8.decode(this.#bytes.subarray(start, start + length));
  }

  strings(count: number): StringList {
    if (this.position + 8 * count > this.#bytes.length) throw new HeaderGoesOn();
    const ends = new Uint32Array(count);
    const start = this.position;
    for (let i = 0; i < count; i++) {
      this.#take(this.size());
      ends[i] = this.position - start;
    }
    return new StringList(copyOf(this.#bytes.subarray(start, this.position)), ends);
  }

  number(type: NumberType): number | bigint {
    return this.numbers(type, 1)[0] ?? 0;
  }

  numbers(type: NumberType, count: number): InstanceType<(typeof arrays)[NumberType]> {
    const bytes = arrays[type].BYTES_PER_ELEMENT * count;
    const start = this.#take(bytes);
    return new arrays[type](copyOf(this.#bytes.subarray(start, start + bytes)).buffer);
  }
}

/** Strings of the header, such as a vocabulary, decoded when asked for: a hundred thousand of them take a while. */
export class StringList {
  readonly #bytes: Uint8Array;
  readonly #ends: Uint32Array;

  /**
   * @param bytes the strings, each after its u64 length
   * @param ends the position after each
   */
  constructor(bytes: Uint8Array, ends: Uint32Array) {
    this.#bytes = bytes;
    this.#ends = ends;
  }

  get length(): number {
    return this.#ends.length;
  }

  at(index: number): string | undefined {
    const end = this.#ends[index];
    if (end === undefined) return undefined;
    const start = index === 0 ? 0 : (this.#ends[index - 1] ?? 0);
    return utf8.decode(this.#bytes.subarray(start + 8, end));
  }

  *[Symbol.iterator](): Generator<string> {
    for (let i = 0; i < this.length; i++) yield this.at(i) ?? "";
  }
}
