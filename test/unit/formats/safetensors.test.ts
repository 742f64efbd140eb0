import assert from "node:assert/strict";
import { ModelFileError } from "../../../src/formats/errors";
import { MemoryFiles, MemorySource } from "../../../src/formats/memory";
import { openSafetensors } from "../../../src/formats/safetensors/open";
import { openIndexedShards, openTensorFiles } from "../../../src/formats/shards";
import { safetensorsBytes } from "../../fixtures/safetensorsWriter";

const matrix = { name: "m", shape: [3, 2], values: Float32Array.of(1, -2, 0.5, 1024, -0.25, 7) };
const vector = { name: "v", shape: [2], values: Float32Array.of(3, 4) };

/** A file with the given header text, and data or so many zeros after it. */
function withHeader(header: string, data: number | readonly number[] = 0, length = header.length): MemorySource {
  const values = typeof data === "number" ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + header.length + values.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  bytes.set(values, 8 + header.length);
  return new MemorySource("model.safetensors", bytes);
}

const entry = (dtype: string, shape: number[], offsets: number[]) => ({ dtype, shape, data_offsets: offsets });

describe("safetensors", () => {
  for (const type of ["F32", "F16", "BF16", "F64"] as const) {
    it(`reads ${type}, whole or by rows`, async () => {
      await using file = await openSafetensors(new MemorySource("m", safetensorsBytes([matrix, vector], type)));
      assert.deepEqual([...file.tensors.keys()], ["m", "v"]);
      assert.equal(file.tensors.get("m")?.type, type);
      assert.deepEqual(file.tensors.get("m")?.shape, [3, 2]);
      assert.equal(file.metadata.get("format"), "pt");
      assert.deepEqual(await file.read("m"), matrix.values);
      assert.deepEqual(await file.read("m", { from: 1, count: 2 }), matrix.values.subarray(2));
      assert.deepEqual(await file.read("v"), vector.values);
      await assert.rejects(file.read("m", { from: 2, count: 2 }), RangeError);
      await assert.rejects(file.read("w"), /no tensor named w/);
    });
  }

  for (const blanks of [0, 1, 2, 3, 4, 5, 6, 7]) {
    it(`reads numbers at any address: ${blanks} blanks after the header`, async () => {
      const header = JSON.stringify({ v: entry("F32", [2], [0, 8]), w: entry("F16", [1], [8, 10]) });
      const numbers = [...new Uint8Array(Float32Array.of(3, -4.5).buffer), 0x00, 0x3c];
      const source = withHeader(header + " ".repeat(blanks), numbers);
      await using file = await openSafetensors(source);
      assert.deepEqual([...(await file.read("v"))], [3, -4.5]);
      assert.deepEqual([...(await file.read("w"))], [1]);
    });
  }

  it("gives numbers of their own, not a view of the file", async () => {
    const bytes = safetensorsBytes([vector]);
    await using file = await openSafetensors(new MemorySource("m", bytes));
    (await file.read("v")).fill(0);
    assert.deepEqual(await file.read("v"), vector.values);
  });

  it("lists a type that it cannot read, and says so when asked for it", async () => {
    const header = JSON.stringify({ mask: entry("BOOL", [2, 4], [0, 8]), odd: entry("F4", [3], [8, 10]) });
    await using file = await openSafetensors(withHeader(header, 10));
    assert.equal(file.tensors.get("mask")?.byteLength, 8);
    await assert.rejects(file.read("mask"), /stored as BOOL, which cannot be read. Use a file with F32/);
    await assert.rejects(file.read("odd"), /stored as F4/);
  });

  it("reads shards as one file, with an index or without", async () => {
    const open = (map: object) => {
      const shards = new Map([
        ["a.safetensors", safetensorsBytes([matrix])],
        ["b.safetensors", safetensorsBytes([vector], "F16")],
        ["index", new TextEncoder().encode(JSON.stringify({ weight_map: map }))],
      ]);
      return openIndexedShards(new MemoryFiles("sharded", shards), "index");
    };
    await using file = await open({ m: "a.safetensors", v: "b.safetensors" });
    assert.equal(file.sources.length, 2);
    assert.deepEqual(await file.read("m"), matrix.values);
    assert.deepEqual(await file.read("v"), vector.values);
    await assert.rejects(
      open({ m: "a.safetensors", v: "a.safetensors" }),
      /a.safetensors lacks the tensor v, which index puts there/,
    );
    await assert.rejects(open({ m: "c" }), /sharded has no file c/);
    await assert.rejects(open({ m: "../a" }), /does not say which file/);
    await assert.rejects(open({}), /does not say which file/);

    const two = new MemoryFiles(
      "two",
      new Map([
        ["a", safetensorsBytes([matrix])],
        ["b", safetensorsBytes([matrix])],
      ]),
    );
    await assert.rejects(openTensorFiles(two, ["a", "b"]), /a and b both hold the tensor m/);
  });

  const broken: Readonly<Record<string, [MemorySource, RegExp]>> = {
    "an empty file": [new MemorySource("m", new Uint8Array(0)), /is empty/],
    "a few bytes": [new MemorySource("m", new Uint8Array(5)), /too short/],
    "a file of another kind": [new MemorySource("m", new Uint8Array(4096).fill(0x50)), /length makes no sense/],
    "a header length past the end": [withHeader("{}", 0, 1000), /ends inside its header/],
    "a header that is no JSON": [withHeader("{garbage"), /not valid JSON/],
    "a header that is a list": [withHeader("[1, 2]"), /not a JSON object/],
    "an entry that is no object": [withHeader('{"a": 1}'), /entry a is not an object/],
    "data that is cut short": [
      withHeader(JSON.stringify({ a: entry("F32", [4], [0, 16]) }), 15),
      /is cut short.*tensor a/,
    ],
    "a tensor that comes twice": [
      withHeader('{"a": {"dtype":"F32","shape":[1],"data_offsets":[0,4]}, "\\u0061": {}}', 4),
      /two entries named a/,
    ],
    "a header that is nested without end": [withHeader(`{"a": ${"[".repeat(5000)}`), /nested too deeply/],
    "a header of a million lists": [withHeader(`{"a": [${"[],".repeat(500_000)}`), /more than 400000 lists/],
    "a size that is not the shape's": [
      withHeader(JSON.stringify({ a: entry("F32", [4], [0, 12]) }), 16),
      /tensor a makes no/,
    ],
    "a shape beyond all numbers": [
      withHeader(JSON.stringify({ a: entry("F32", [2 ** 52, 2 ** 52], [0, 16]) }), 16),
      /tensor a makes no sense/,
    ],
    "a negative offset": [
      withHeader(JSON.stringify({ a: entry("F32", [4], [-16, 0]) }), 16),
      /tensor a makes no sense/,
    ],
    "an end before the beginning": [
      withHeader(JSON.stringify({ a: entry("X", [4], [16, 0]) }), 16),
      /tensor a makes no/,
    ],
    "tensors that overlap": [
      withHeader(JSON.stringify({ a: entry("F32", [2], [0, 8]), b: entry("F32", [2], [4, 12]) }), 12),
      /tensors a and b overlap/,
    ],
  };
  for (const [what, [source, message]] of Object.entries(broken)) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(openSafetensors(source), (error: unknown) => {
        assert.ok(error instanceof ModelFileError);
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it("refuses a file cut anywhere", async () => {
    const bytes = safetensorsBytes([matrix, vector]);
    for (let length = 0; length < bytes.length; length++) {
      await assert.rejects(openSafetensors(new MemorySource("m", bytes.subarray(0, length))), ModelFileError);
    }
  });

  it("closes a file that it refuses", async () => {
    const source = withHeader("[]");
    let closed = 0;
    source[Symbol.asyncDispose] = () => {
      closed++;
      return Promise.resolve();
    };
    await assert.rejects(openSafetensors(source), ModelFileError);
    assert.equal(closed, 1);
  });
});
