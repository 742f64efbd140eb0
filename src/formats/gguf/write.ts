import { quantizeQ4, quantizeQ8 } from "../numbers/ggml/quantize";
import { floatToBfloat, floatToHalf, toShorts } from "../numbers/floats";
import { defaultAlignment, ggmlTypes, magic, type ValueType, valueTypes } from "./types";

/** A metadata value with its type; arrays name the type of their items. */
export type TypedValue =
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "u32" | "i32" | "f32"; readonly value: number }
  | { readonly type: "string[]"; readonly value: readonly string[] }
  | { readonly type: "i32[]"; readonly value: readonly number[] };

export type WritableType = "F32" | "F16" | "BF16" | "Q8_0" | "Q4_0";

/** A tensor to be written; its numbers are asked for when its turn comes. */
export interface TensorToWrite {
  readonly name: string;
  /** Outermost dimension first. */
  readonly shape: readonly number[];
  readonly type: WritableType;
  readonly values: () => Promise<Float32Array>;
}

/**
 * The bytes of a GGUF file, version 3, part by part: the header, then each tensor with what fills it up to the alignment.
 * Keys and tensors are written in the order given.
 */
export async function* ggufParts(
  metadata: ReadonlyMap<string, TypedValue>,
  tensors: readonly TensorToWrite[],
): AsyncGenerator<Uint8Array> {
  yield header(metadata, tensors);
  for (const { type, values } of tensors) {
    const bytes = encode(type, await values());
    yield bytes;
    yield new Uint8Array(padding(bytes.length));
  }
}

function header(metadata: ReadonlyMap<string, TypedValue>, tensors: readonly TensorToWrite[]): Uint8Array {
  const out = new ByteWriter();
  out.u32(magic);
  out.u32(3);
  out.u64(tensors.length);
  out.u64(metadata.size);
  for (const [key, value] of metadata) {
    out.string(key);
    writeValue(out, value);
  }
  let offset = 0;
  for (const { name, shape, type } of tensors) {
    const { number, length, bytes } = typeNamed(type);
    out.string(name);
    out.u32(shape.length);
    for (const size of shape.toReversed()) out.u64(size);
    out.u32(number);
    out.u64(offset);
    const byteLength = (shape.reduce((product, size) => product * size, 1) / length) * bytes;
    offset += byteLength + padding(byteLength);
  }
  out.pad(padding(out.length));
  return out.bytes();
}

function writeValue(out: ByteWriter, entry: TypedValue): void {
  switch (entry.type) {
    case "string[]":
      out.type("array");
      out.type("string");
      out.u64(entry.value.length);
      for (const item of entry.value) out.string(item);
      break;
    case "i32[]":
      out.type("array");
      out.type("i32");
      out.u64(entry.value.length);
      for (const item of entry.value) out.i32(item);
      break;
    case "string":
      out.type("string");
      out.string(entry.value);
      break;
    case "bool":
      out.type("bool");
      out.u8(entry.value ? 1 : 0);
      break;
    case "u32":
    case "i32":
    case "f32":
      out.type(entry.type);
      out[entry.type](entry.value);
  }
}

function encode(type: WritableType, values: Float32Array): Uint8Array {
  switch (type) {
    case "F32":
      return bytesOf(values);
    case "F16":
      return bytesOf(toShorts(values, floatToHalf));
    case "BF16":
      return bytesOf(toShorts(values, floatToBfloat));
    case "Q8_0":
      return quantizeQ8(values);
    case "Q4_0":
      return quantizeQ4(values);
  }
}

function bytesOf(numbers: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

function typeNamed(name: WritableType) {
  for (const [number, type] of ggmlTypes) if (type.name === name) return { number, ...type };
  throw new RangeError(`ggml has no type ${name}.`);
}

function padding(length: number): number {
  return -length & (defaultAlignment - 1);
}

/** Little-endian bytes in a buffer that grows. */
class ByteWriter {
  length = 0;
  #view = new DataView(new ArrayBuffer(1 << 16));

  #reserve(count: number): number {
    const start = this.length;
    this.length += count;
    if (this.length > this.#view.byteLength) {
      const larger = new Uint8Array(2 * this.length);
      larger.set(new Uint8Array(this.#view.buffer));
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
  }

  i32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setInt32(at, value, true);
  }

  f32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setFloat32(at, value, true);
  }

  u64(value: number): void {
    const at = this.#reserve(8);
    this.#view.setBigUint64(at, BigInt(value), true);
  }

  type(type: ValueType): void {
    this.u32(valueTypes.indexOf(type));
  }

  string(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.u64(bytes.length);
    const at = this.#reserve(bytes.length);
    new Uint8Array(this.#view.buffer).set(bytes, at);
  }

  pad(count: number): void {
    this.#reserve(count);
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#view.buffer, 0, this.length);
  }
}
