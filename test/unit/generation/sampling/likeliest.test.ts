import assert from "node:assert/strict";
import { likeliest } from "../../../../src/generation/sampling/likeliest";

describe("likeliest", () => {
  it("returns the token with the largest logit and its softmax probability", () => {
    const { token, probability } = likeliest(Float32Array.of(0, Math.log(6), -Infinity, Math.log(3)));
    assert.equal(token, 1);
    assert.ok(Math.abs(probability - 0.6) < 1e-6);
  });
});
