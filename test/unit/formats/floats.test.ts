import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { layoutOf } from "../../../src/formats/numbers/decode";
import { quantizeQ4, quantizeQ8 } from "../../../src/formats/numbers/ggml/quantize";
import { q4_0, q8_0 } from "../../../src/formats/numbers/ggml/smallBlocks";
import {
  bfloatToFloat,
  float8E4M3,
  float8E5M2,
  floatToBfloat,
  floatToHalf,
  halfToFloat,
  toShorts,
} from "../../../src/formats/numbers/floats";
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

const ggmlTypeNames =
  "F16 BF16 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K IQ1_S IQ1_M IQ2_XXS IQ2_XS IQ2_S IQ3_XXS IQ3_S IQ4_NL IQ4_XS TQ1_0 TQ2_0 MXFP4".split(
    " ",
  );

describe("8-bit floats", () => {
  it("have the published values", () => {
    const e4m3 = [0x00, 0x01, 0x07, 0x08, 0x38, 0x7e, 0xfe, 0xb8].map(float8E4M3);
    assert.deepEqual(e4m3, [0, 2 ** -9, 7 * 2 ** -9, 2 ** -6, 1, 448, -448, -1]);
    assert.ok(Number.isNaN(float8E4M3(0x7f)) && Number.isNaN(float8E4M3(0xff)));
    const e5m2 = [0x00, 0x01, 0x04, 0x3c, 0x7b, 0xbc, 0x7c].map(float8E5M2);
    assert.deepEqual(e5m2, [0, 2 ** -16, 2 ** -14, 1, 57344, -1, Infinity]);
    const out = new Float32Array(3);
    layoutOf("F8_E4M3")?.decode(Uint8Array.of(0x38, 0x7e, 0xb8), out, 0);
    assert.deepEqual(out, Float32Array.of(1, 448, -1));
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
    Q8_0: quantizeQ8,
    Q4_0: quantizeQ4,
  };

  it("are all in the fixture", async () => {
    await using file = await fixture();
    const types = [...file.tensors.keys()].flatMap((name) => /^(.*)\.blocks$/.exec(name)?.[1] ?? []);
    assert.deepEqual(types.sort(), [...ggmlTypeNames].sort());
  });

  for (const type of ggmlTypeNames) {
    it(`${type} decodes to ggml's own numbers, from any address`, async () => {
      await using file = await fixture();
      const blocks = await file.readBytes(`${type}.blocks`, 0, file.tensors.get(`${type}.blocks`)?.byteLength ?? 0);
      const expected = await file.read(`${type}.f32`);
      for (const shift of [0, 1]) {
        const moved = new Uint8Array(blocks.length + shift);
        moved.set(blocks, shift);
        const out = new Float32Array(expected.length);
        layoutOf(type)?.decode(moved.subarray(shift), out, 0);
        assert.deepEqual(out, expected);
      }
    });
  }

  for (const type of ["F16", "BF16", "Q8_0", "Q4_0"] as const) {
    it(`${type} encodes to ggml's own bytes`, async () => {
      await using file = await fixture();
      const blocks = await file.readBytes(`${type}.blocks`, 0, file.tensors.get(`${type}.blocks`)?.byteLength ?? 0);
      const encoded = encoders[type](await file.read("input"));
      assert.deepEqual(new Uint8Array(encoded.buffer), new Uint8Array(blocks));
    });
  }

  it("keeps a block of zeros and a block with one outlier", () => {
    const values = new Float32Array(64);
    values[40] = -127;
    values[41] = 2.5;
    const q8 = new Float32Array(64);
    q8_0.decode(quantizeQ8(values), q8, 0);
    assert.deepEqual([q8[0], q8[40], q8[41]], [0, -127, 3]);
    const q4 = new Float32Array(64);
    q4_0.decode(quantizeQ4(values), q4, 0);
    assert.deepEqual([q4[0], q4[40], q4[41]], [-0, -127, 0], "ggml's scale of a block of zeros is -0");
  });
});
