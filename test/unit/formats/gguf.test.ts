import assert from "node:assert/strict";
import { ModelFileError } from "../../../src/formats/errors";
import { StringList } from "../../../src/formats/gguf/header";
import { openGguf } from "../../../src/formats/gguf/open";
import { ggufParts, type TensorToWrite, type TypedValue } from "../../../src/formats/gguf/write";
import { MemorySource } from "../../../src/formats/memory";
import { collect } from "../../fixtures/ggufWriter";

const values = Float32Array.from({ length: 64 }, (_, i) => i - 32);
const tensor = (name: string, type: TensorToWrite["type"] = "F32"): TensorToWrite => ({
  name,
  shape: [2, 32],
  type,
  values: () => Promise.resolve(values),
});
const small = (metadata: ReadonlyMap<string, TypedValue> = new Map()) =>
  collect(ggufParts(metadata, [tensor("a"), tensor("b", "Q8_0")]));
const open = (bytes: Uint8Array) => openGguf(new MemorySource("model.gguf", bytes));

/** A little-endian file, value by value. */
class Bytes {
  private readonly parts: number[] = [];

  u32(...numbers: number[]): this {
    for (const number of numbers) for (let i = 0; i < 4; i++) this.parts.push((number >>> (8 * i)) & 255);
    return this;
  }

  u64(...numbers: bigint[]): this {
    for (const number of numbers) for (let i = 0n; i < 8n; i++) this.parts.push(Number((number >> (8n * i)) & 255n));
    return this;
  }

  raw(...bytes: number[]): this {
    this.parts.push(...bytes);
    return this;
  }

  text(text: string): this {
    return this.u64(BigInt(text.length)).raw(...new TextEncoder().encode(text));
  }

  /** The fixed beginning. */
  static header(tensors: bigint, values: bigint, version = 3): Bytes {
    return new Bytes().raw(0x47, 0x47, 0x55, 0x46).u32(version).u64(tensors, values);
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.parts);
  }
}

describe("GGUF", () => {
  it("reads what was written: metadata, shapes, numbers, rows", async () => {
    const metadata = new Map<string, TypedValue>([
      ["text", { type: "string", value: "Grüße" }],
      ["yes", { type: "bool", value: true }],
      ["count", { type: "u32", value: 4_000_000_000 }],
      ["least", { type: "i32", value: -7 }],
      ["real", { type: "f32", value: 0.5 }],
      ["words", { type: "string[]", value: ["", "Ġthe", "🙂"] }],
      ["kinds", { type: "i32[]", value: [1, -3] }],
    ]);
    await using file = await open(await small(metadata));
    assert.equal(file.metadata.get("text"), "Grüße");
    assert.equal(file.metadata.get("yes"), true);
    assert.equal(file.metadata.get("count"), 4_000_000_000);
    assert.equal(file.metadata.get("least"), -7);
    assert.equal(file.metadata.get("real"), 0.5);
    assert.deepEqual(file.metadata.get("kinds"), Int32Array.of(1, -3));
    const words = file.metadata.get("words");
    assert.ok(words instanceof StringList);
    assert.deepEqual([...words], ["", "Ġthe", "🙂"]);
    assert.equal(words.at(3), undefined);

    assert.deepEqual(file.tensors.get("b")?.shape, [2, 32]);
    assert.equal(file.tensors.get("b")?.byteLength, 68);
    assert.deepEqual(await file.read("a"), values);
    assert.deepEqual(await file.read("a", { from: 1, count: 1 }), values.subarray(32));
    const second = await file.read("b", { from: 1, count: 1 });
    assert.ok(second.every((value, i) => Math.abs(value - i) <= 31 / 254 + 0.01));
  });

  it("reads every type of value, version 2 and another alignment", async () => {
    const file = Bytes.header(0n, 9n, 2);
    file.text("u8").u32(0).raw(200);
    file.text("i8").u32(1).raw(200);
    file.text("u16").u32(2).raw(1, 2);
    file.text("i16").u32(3).raw(255, 255);
    file
      .text("u64")
      .u32(10)
      .u64(2n ** 53n);
    file
      .text("i64")
      .u32(11)
      .u64(2n ** 64n - 5n);
    file.text("f64").u32(12).u64(0x3ff8000000000000n);
    file.text("nested").u32(9, 9).u64(2n).u32(7).u64(2n).raw(1, 0).u32(2).u64(1n).raw(7, 0);
    file.text("general.alignment").u32(4, 64);
    await using opened = await open(file.bytes);
    assert.deepEqual(Object.fromEntries(opened.metadata), {
      u8: 200,
      i8: -56,
      u16: 513,
      i16: -1,
      u64: 2n ** 53n,
      i64: -5,
      f64: 1.5,
      nested: [Uint8Array.of(1, 0), Uint16Array.of(7)],
      "general.alignment": 64,
    });
  });

  it("reads a header that is larger than the first part that it looks at", async () => {
    const long = "x".repeat(1000);
    const words = Array.from({ length: 5000 }, (_, i) => `${i}${long}`);
    await using file = await open(await small(new Map([["words", { type: "string[]", value: words }]])));
    const read = file.metadata.get("words");
    assert.ok(read instanceof StringList);
    assert.equal(read.at(4999), words[4999]);
    assert.deepEqual(await file.read("a"), values);
  });

  it("lists a type that it cannot read, and says so when asked for it", async () => {
    const file = Bytes.header(1n, 0n).text("k").u32(1).u64(36n).u32(26).u64(0n);
    const padded = new Uint8Array(Math.ceil(file.bytes.length / 32) * 32 + 144);
    padded.set(file.bytes);
    await using opened = await open(padded);
    assert.deepEqual(opened.tensors.get("k")?.type, "I32");
    await assert.rejects(opened.read("k"), /stored as I32, which cannot be read/);
  });

  const huge = 2n ** 60n;
  const sized = 2n ** 40n;
  const broken: Readonly<Record<string, [Uint8Array, RegExp]>> = {
    "an empty file": [new Uint8Array(0), /is empty/],
    "another kind of file": [new TextEncoder().encode("PK\u0003\u0004 some zip file"), /does not begin with "GGUF"/],
    "an old version": [Bytes.header(0n, 0n, 1).bytes, /version 1/],
    "a big-endian file": [Bytes.header(0n, 0n, 0x03000000).bytes, /version 50331648/],
    "counts without end": [Bytes.header(huge, huge).bytes, /beyond any file|more than any/],
    "counts that no model reaches": [Bytes.header(1n, sized).bytes, /1099511627776 metadata values, more than any/],
    "more tensors than any model has": [Bytes.header(sized, 1n).bytes, /1099511627776 tensors, more than any/],
    "a name without end": [Bytes.header(0n, 1n).u64(sized).bytes, /a name of 1099511627776 bytes/],
    "a string without end": [Bytes.header(0n, 1n).text("a").u32(8).u64(sized).bytes, /cut short/],
    "an array without end": [Bytes.header(0n, 1n).text("a").u32(9, 12).u64(sized).bytes, /cut short/],
    "strings without end": [Bytes.header(0n, 1n).text("a").u32(9, 8).u64(sized).bytes, /cut short/],
    "arrays in arrays": [
      Bytes.header(0n, 1n)
        .text("a")
        .u32(9, ...Array.from({ length: 40 }, () => [9, 1, 0]).flat()).bytes,
      /nested too deeply/,
    ],
    "an unknown value type": [Bytes.header(0n, 1n).text("a").u32(77).bytes, /unknown type 77/],
    "a key that comes twice": [
      Bytes.header(0n, 2n).text("a").u32(0).raw(1).text("a").u32(0).raw(1).bytes,
      /two values/,
    ],
    "a mad alignment": [Bytes.header(0n, 1n).text("general.alignment").u32(4, 7).bytes, /alignment/],
    "an unknown tensor type": [Bytes.header(1n, 0n).text("t").u32(1).u64(32n).u32(99).u64(0n).bytes, /type 99/],
    "too many dimensions": [Bytes.header(1n, 0n).text("t").u32(1000).bytes, /1000 dimensions/],
    "rows that are no whole blocks": [
      Bytes.header(1n, 0n).text("t").u32(1).u64(33n).u32(8).u64(0n).bytes,
      /Q8_0 blocks/,
    ],
    "an offset between the alignments": [
      Bytes.header(1n, 0n).text("t").u32(1).u64(1n).u32(0).u64(4n).bytes,
      /not aligned/,
    ],
    "a tensor outside the file": [Bytes.header(1n, 0n).text("t").u32(1).u64(1n).u32(0).u64(sized).bytes, /cut short/],
    "a tensor larger than the file": [
      Bytes.header(1n, 0n).text("t").u32(4).u64(sized, sized, sized, sized).u32(0).u64(0n).bytes,
      /cut short/,
    ],
    "a tensor that comes twice": [
      Bytes.header(2n, 0n).text("t").u32(1).u64(1n).u32(0).u64(0n).text("t").u32(1).u64(1n).u32(0).u64(0n).bytes,
      /two tensors/,
    ],
  };
  for (const [what, [bytes, message]] of Object.entries(broken)) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(open(bytes), (error: unknown) => {
        assert.ok(error instanceof ModelFileError, String(error));
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it("refuses tensors that overlap", async () => {
    const header = Bytes.header(2n, 0n);
    for (const name of ["s", "t"]) header.text(name).u32(1).u64(8n).u32(0).u64(0n);
    const bytes = new Uint8Array(256);
    bytes.set(header.bytes);
    await assert.rejects(open(bytes), /tensors s and t overlap/);
  });

  it("refuses a file cut anywhere, and never fails otherwise on damaged bytes", async () => {
    const bytes = await small(new Map([["words", { type: "string[]", value: ["a", "b"] }]]));
    const data = 2 * 32 * 4 + 68;
    const end = bytes.length - ((32 - (data % 32)) % 32);
    for (let length = 0; length < end; length++) await assert.rejects(open(bytes.subarray(0, length)), ModelFileError);
    for (let at = 0; at < 200; at++) {
      for (const flip of [1, 0x80, 0xff]) {
        const damaged = new Uint8Array(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        try {
          await using file = await open(damaged);
          for (const name of file.tensors.keys()) await file.read(name);
        } catch (error) {
          assert.ok(error instanceof ModelFileError, `byte ${at}: ${String(error)}`);
        }
      }
    }
  });
});
