import assert from "node:assert/strict";
import { encodeMessage, type MessageTypes } from "../../../../../src/gpt2/backends/ort/protobuf";

/** The example messages of https://protobuf.dev/programming-guides/encoding. */
const types: MessageTypes = {
  Test1: { a: [1, "int32"] },
  Test2: { b: [2, "string"] },
  Test3: { c: [3, "Test1"] },
  Test4: { d: [4, "string"], e: [5, "int64"], f: [6, "float"], g: [7, "bytes"], h: [16, "Test1"] },
};

const hex = (type: string, message: Parameters<typeof encodeMessage>[2]) =>
  Buffer.from(encodeMessage(types, type, message)).toString("hex");

describe("messages in the wire format of Protocol Buffers", () => {
  it("are those of its documentation", () => {
    assert.equal(hex("Test1", { a: 150 }), "089601");
    assert.equal(hex("Test2", { b: "testing" }), "120774657374696e67");
    assert.equal(hex("Test3", { c: { a: 150 } }), "1a03089601");
    assert.equal(hex("Test4", { d: "hello", e: [1, 2, 3] }), "220568656c6c6f280128022803");
  });

  it("hold floats, bytes, negative numbers, lists of messages, and nothing for what is not given", () => {
    assert.equal(hex("Test4", { f: 1, g: new Uint8Array([9, 0]) }), "350000803f3a020900");
    assert.equal(hex("Test4", { h: [{ a: 1 }, {}], d: undefined }), "82010208018201" + "00");
    assert.equal(hex("Test1", { a: -2 }), "08feffffffffffffffff01");
  });
});
