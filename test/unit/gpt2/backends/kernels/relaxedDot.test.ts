import assert from "node:assert/strict";
import { kindOf, relaxedDot } from "../../../../../src/gpt2/backends/kernels/relaxedDot";

const signed = (byte: number) => (byte << 24) >> 24;

/** The sum of two products in 16 bits, which saturates, as x86 computes it without VNNI. */
const saturated = (product: number) => Math.max(-32768, Math.min(32767, 2 * product));

describe("the relaxed dot product", () => {
  it("may take its second operand as unsigned or as signed bytes", () => {
    assert.equal(
      kindOf((weight, byte) => 4 * weight * byte),
      "unsigned",
    );
    assert.equal(
      kindOf((weight, byte) => 4 * weight * signed(byte)),
      "signed",
    );
  });

  it("is not used where sums saturate, or where it is exact for 7 bits only", () => {
    assert.equal(
      kindOf((weight, byte) => 2 * saturated(weight * byte)),
      "inexact",
    );
    assert.equal(
      kindOf((weight, byte) => 4 * weight * (byte > 127 ? 0 : byte)),
      "inexact",
    );
  });

  it("is found out on this machine", () => {
    assert.ok(["unsigned", "signed", "inexact", "none"].includes(relaxedDot()));
    assert.equal(relaxedDot(), relaxedDot());
  });
});
