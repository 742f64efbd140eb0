import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { dequantiseQ4, dequantiseQ8, quantiseQ4, quantiseQ8 } from "../../../src/formats/numbers/blocks";
import { layoutOf } from "../../../src/formats/numbers/decode";
import { bfloatToFloat, floatToBfloat, floatToHalf, halfToFloat, toShorts } from "../../../src/formats/numbers/floats";
import { MemorySource } from "../../../src/formats/memory";
import { openSafetensors } from "../../../src/formats/safetensors/open";

describe("16-bit floats", () => {
  it("gives every half back", () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = halfToFloat(bits);
      if (Number.isNaN(value)) assert.ok(Number.isNaN(halfToFloat(floatToHalf(value))));
      else assert.equal(floatToHalf(value), bits);
    }
  });

  it("rounds to the nearest half, ties to even", () => {
    assert.equal(halfToFloat(floatToHalf(1 + 2 ** -11)), 1);
    assert.equal(halfToFloat(floatToHalf(1 + 3 * 2 ** -11)), 1 + 2 ** -9);
    assert.equal(halfToFloat(floatToHalf(1 + 2 ** -11 + 2 ** -20)), 1 + 2 ** -10);
    assert.equal(halfToFloat(floatToHalf(65519)), 65504);
    assert.equal(halfToFloat(floatToHalf(65520)), Infinity);
    assert.equal(halfToFloat(floatToHalf(-1e9)), -Infinity);
    assert.equal(halfToFloat(floatToHalf(3 * 2 ** -26)), 2 ** -24);
    assert.equal(halfToFloat(floatToHalf(2 ** -25)), 0);
    assert.ok(Object.is(halfToFloat(floatToHalf(-(2 ** -30))), -0));
  });

  it("rounds to the nearest bfloat16, ties to even", () => {
    assert.equal(bfloatToFloat(floatToBfloat(1 + 2 ** -8)), 1);
    assert.equal(bfloatToFloat(floatToBfloat(1 + 3 * 2 ** -8)), 1 + 2 ** -6);
    assert.equal(bfloatToFloat(floatToBfloat(-3.4e38)), -Infinity);
    assert.ok(Number.isNaN(bfloatToFloat(floatToBfloat(NaN))));
  });
});

describe("ggml's block formats", () => {
  const fixture = () =>
    openSafetensors(
      new MemorySource("gguf_dequant", readFileSync(resolve("test/fixtures/oracle/gguf_dequant.safetensors"))),
    );
  const encoders = {
    F16: (values: Float32Array) => toShorts(values, floatToHalf),
    BF16: (values: Float32Array) => toShorts(values, floatToBfloat),
    Q8_0: quantiseQ8,
    Q4_0: quantiseQ4,
  };

  for (const type of ["F16", "BF16", "Q8_0", "Q4_0"] as const) {
    it(`${type} decodes to ggml's own numbers, from any address, and encodes to its bytes`, async () => {
      await using file = await fixture();
      const blocks = await file.readBytes(`${type}.blocks`, 0, file.tensors.get(`${type}.blocks`)?.byteLength ?? 0);
      const expected = await file.read(`${type}.f32`);
      for (const shift of [0, 1]) {
        const moved = new Uint8Array(blocks.length + shift);
        moved.set(blocks, shift);
        const out = new Float32Array(expected.length);
        layoutOf(type)?.decode(moved.subarray(shift), out);
        assert.deepEqual(out, expected);
      }
      const encoded = encoders[type](await file.read("input"));
      assert.deepEqual(new Uint8Array(encoded.buffer), new Uint8Array(blocks));
    });
  }

  it("keeps a block of zeros and a block with one outlier", () => {
    const values = new Float32Array(64);
    values[40] = -127;
    values[41] = 2.5;
    const q8 = new Float32Array(64);
    dequantiseQ8(quantiseQ8(values), q8);
    assert.deepEqual([q8[0], q8[40], q8[41]], [0, -127, 3]);
    const q4 = new Float32Array(64);
    dequantiseQ4(quantiseQ4(values), q4);
    assert.deepEqual([q4[0], q4[40], q4[41]], [-0, -127, 0], "ggml's scale of a block of zeros is -0");
  });
});
