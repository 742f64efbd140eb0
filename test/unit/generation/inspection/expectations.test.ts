import assert from "node:assert/strict";
import { Expectations } from "../../../../src/generation/inspection/expectations";

describe("Expectations", () => {
  const near = (actual: number, expected: number) =>
    assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} against ${expected}`);

  it("are in bits, and rank equal tokens by their ids", () => {
    const expectations = new Expectations(2);
    expectations.set(0, new Float32Array(8).fill(3), 5);
    const { surprise, entropy, rank } = expectations.at(0);
    near(surprise, 3);
    near(entropy, 3);
    assert.equal(rank, 6);
  });

  it("weigh what was expected by its probability", () => {
    const expectations = new Expectations(2);
    // Probabilities of 1/2, 1/4 and 1/4, and a token that may not come.
    expectations.set(1, Float32Array.of(Math.log(2), 0, -Infinity, 0), 3);
    const { surprise, entropy, rank } = expectations.at(1);
    assert.ok(Math.abs(surprise - 2) < 1e-6);
    assert.ok(Math.abs(entropy - 1.5) < 1e-6);
    assert.equal(rank, 3);
  });
});
