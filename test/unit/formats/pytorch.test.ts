import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { ModelFileError } from "../../../src/formats/errors";
import { MemorySource } from "../../../src/formats/memory";
import { openTensorFile } from "../../../src/formats/registry";
import {
  type PickledTensor,
  PickleWriter,
  pytorchArchive,
  stateDictPickle,
  zipBytes,
} from "../../fixtures/pickleWriter";
import { savedByPytorch } from "../../fixtures/pytorchFiles";
import { oracleFileTensors } from "../../fixtures/syntheticModel";

const open = (bytes: Uint8Array) => openTensorFile(new MemorySource("model.bin", bytes));
const bytesOf = (numbers: Float32Array | Float64Array | Uint16Array | Uint8Array) =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
const floats = (shape: readonly number[], more: Partial<PickledTensor> = {}): PickledTensor => ({
  key: "0",
  storage: "FloatStorage",
  shape,
  count: shape.reduce((product, size) => product * size, 1),
  ...more,
});

async function assertRefused(bytes: Uint8Array, message: RegExp): Promise<void> {
  await assert.rejects(open(bytes), (error: unknown) => {
    assert.ok(error instanceof ModelFileError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

describe("PyTorch files", () => {
  for (const form of ["zip", "stream"] as const) {
    it(`reads every tensor of a model that PyTorch saved as a ${form}`, async () => {
      const bytes = savedByPytorch(form);
      await using file = await open(bytes);
      assert.equal(file.format, "pytorch");
      for (const { name, shape, values } of oracleFileTensors("gpt2-tiny")) {
        assert.deepEqual(file.tensors.get(name)?.shape, shape);
        assert.ok(Buffer.from(values.buffer).equals(bytesOf(await file.read(name))), name);
      }
      assert.deepEqual(file.tensors.get("h.0.attn.bias")?.shape, [1, 1, 128, 128]);
    });

    it(`refuses a ${form} that is cut anywhere`, async () => {
      const bytes = savedByPytorch(form);
      const cuts = [2, 10, 100, 1000, 5000, 50_000, 1_000_000, bytes.length - 40, bytes.length - 1];
      for (const length of cuts) await assert.rejects(open(bytes.subarray(0, length)), ModelFileError);
    });
  }

  it("reads other types, views of a storage, parameters, and a state dict inside a checkpoint", async () => {
    const half = Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x0000);
    const pickle = new PickleWriter().protocol().emptyDictionary().mark();
    pickle.text("epoch").integer(3);
    pickle.text("state_dict").emptyDictionary().mark();
    pickle.text("a").tensor(floats([2], { storage: "HalfStorage", offset: 1, count: 4 }));
    pickle.text("b").tensor({ key: "1", storage: "DoubleStorage", shape: [], count: 1 });
    pickle.text("p").global("torch._utils", "_rebuild_parameter").mark();
    pickle
      .tensor(floats([2, 2], { storage: "HalfStorage" }))
      .raw(0x88)
      .tuple()
      .call();
    pickle.text("t").tensor(floats([2, 2], { storage: "HalfStorage", strides: [1, 2] }));
    pickle.text("version").integer(2).setItems();
    const archive = pytorchArchive(pickle.setItems().end(), {
      0: bytesOf(half),
      1: bytesOf(Float64Array.of(0.25)),
    });
    await using file = await open(archive);
    assert.deepEqual([...file.tensors.keys()], ["a", "b", "p", "t"]);
    assert.deepEqual(await file.read("a"), Float32Array.of(-2, 0.5));
    assert.deepEqual(await file.read("b"), Float32Array.of(0.25));
    assert.deepEqual(await file.read("p"), Float32Array.of(1, -2, 0.5, 0));
    await assert.rejects(file.read("t"), /stored as F16 with strides, which cannot be read/);
  });

  const forbidden: readonly [module: string, name: string][] = [
    ["os", "system"],
    ["posix", "system"],
    ["builtins", "eval"],
    ["__builtin__", "getattr"],
    ["subprocess", "Popen"],
    ["torch", "load"],
    ["torch.storage", "_load_from_bytes"],
    ["numpy.core.multiarray", "_reconstruct"],
    ["collections", "OrderedDict.__reduce__"],
    ["torch.FloatStorage", "from_file"],
  ];
  it("runs nothing, and names what a pickle asks for", async () => {
    for (const [module, name] of forbidden) {
      const pickle = new PickleWriter().protocol().global(module, name).mark().text("touch executed").tuple().call();
      const expected = new RegExp(`asks for ${module}.${name.replaceAll(".", "\\.")}, which no file of tensors needs`);
      await assertRefused(pytorchArchive(pickle.end(), {}), expected);
    }
    const viaStack = new PickleWriter().protocol().text("os").text("system").raw(0x93).text("x").raw(0x85).call();
    await assertRefused(pytorchArchive(viaStack.end(), {}), /asks for os.system/);
    assert.equal(existsSync("executed"), false);
  });

  it("knows no opcodes that could make other objects", async () => {
    // INST, OBJ, NEWOBJ, NEWOBJ_EX, EXT1, STRING, PERSID, NEXT_BUFFER.
    for (const opcode of [0x69, 0x6f, 0x81, 0x92, 0x82, 0x53, 0x50, 0x97]) {
      const pickle = new PickleWriter().protocol().raw(opcode);
      await assertRefused(pytorchArchive(pickle.end(), {}), new RegExp(`opcode 0x${opcode.toString(16)}, which`));
    }
  });

  it("refuses pickles without sense", async () => {
    const pickle = (write: (writer: PickleWriter) => PickleWriter) =>
      pytorchArchive(write(new PickleWriter().protocol()).end(), {});
    await assertRefused(
      pickle((writer) => writer),
      /takes a value that is not there/,
    );
    await assertRefused(
      pickle((writer) => writer.integer(1).integer(2)),
      /leaves values over/,
    );
    await assertRefused(
      pickle((writer) => writer.raw(0x68, 7)),
      /refers to a value that is not there/,
    );
    await assertRefused(
      pickle((writer) => writer.raw(0x80, 9)),
      /protocol 9/,
    );
    await assertRefused(
      pickle((writer) => writer.raw(0x58, 255, 255, 255, 127)),
      /pickle is cut short/,
    );
    await assertRefused(
      pickle((writer) => writer.integer(1)),
      /no dictionary of tensors/,
    );
    await assertRefused(
      pickle((writer) => writer.integer(1).raw(0x29).call()),
      /calls something that is no function/,
    );
    await assertRefused(
      pickle((writer) => writer.repeat(0x28, 2_100_000)),
      /has no end/,
    );
    // A dictionary that holds itself.
    const cyclic = pickle((writer) => writer.emptyDictionary().raw(0x71, 0).text("a").raw(0x68, 0, 0x73));
    await assertRefused(cyclic, /no dictionary of tensors/);
  });

  it("refuses tensors without sense", async () => {
    const archive = (tensor: PickledTensor, storage = new Float32Array(4)) =>
      pytorchArchive(stateDictPickle({ t: tensor }), { 0: bytesOf(storage) });
    await assertRefused(archive(floats([2 ** 40])), /numbers of its tensor t are cut short/);
    await assertRefused(archive(floats([4], { count: 2 })), /tensor t is larger than its storage/);
    await assertRefused(archive(floats([4], { offset: 1 })), /tensor t is larger than its storage/);
    await assertRefused(archive(floats([4], { offset: -1 })), /tensor t makes no sense/);
    await assertRefused(archive(floats([-4])), /tensor t makes no sense|makes no sense/);
    await assertRefused(archive(floats([2, 2], { strides: [1] })), /tensor t makes no sense/);
    await assertRefused(archive(floats([4], { key: "1" })), /numbers of its tensor t are missing/);
    await assertRefused(archive(floats([4], { key: "../0" })), /no usable name/);
    await assertRefused(archive(floats([4]), new Float32Array(3)), /cut short/);
  });

  it("refuses archives without sense", async () => {
    const pickle = { name: "m/data.pkl", bytes: stateDictPickle({ t: floats([1]) }) };
    const data = { name: "m/data/0", bytes: new Uint8Array(4) };
    await using file = await open(zipBytes([pickle, data]));
    assert.deepEqual(await file.read("t"), Float32Array.of(0));
    await assertRefused(zipBytes([data]), /an archive without data.pkl/);
    await assertRefused(zipBytes([pickle, { ...pickle, name: "n/data.pkl" }, data]), /two entries named data.pkl/);
    await assertRefused(zipBytes([pickle, data, data]), /two entries named m\/data\/0/);
    await assertRefused(zipBytes([{ ...pickle, method: 8 }, data]), /entry m\/data.pkl is compressed/);
    const order = { name: "m/byteorder", bytes: new TextEncoder().encode("big") };
    await assertRefused(zipBytes([pickle, data, order]), /numbers are big-endian/);
    const overlapping = Buffer.from(zipBytes([pickle, data]));
    // The second entry of the directory points at the first one's header.
    overlapping.writeUInt32LE(0, overlapping.length - 22 - data.name.length - 4);
    await assertRefused(overlapping, /entries .* overlap/);
    await assertRefused(Uint8Array.of(0x80, 2, 0x4b, 1, 0x2e), /a pickle, but not one that PyTorch wrote/);
  });
});
