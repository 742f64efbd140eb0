import assert from "node:assert/strict";
import { numbersDrawnByModel, threefry2x32, threefryRandom } from "../../../../src/generation/sampling/threefry";
import tinygrad from "../../../fixtures/oracle/tinygrad_sampling.json";
import { oracleConfig } from "../../../fixtures/syntheticModel";

describe("tinygrad's random numbers", () => {
  it("come from Threefry-2x32, whose authors published these vectors", () => {
    assert.deepEqual(threefry2x32([0, 0], [0, 0]), [0x6b200159, 0x99ba4efe]);
    assert.deepEqual(threefry2x32([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff]), [0x1cb996fc, 0xbb002be7]);
    assert.deepEqual(threefry2x32([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3]), [0xc4923a9c, 0x483df7a0]);
  });

  it("are the same for the same seed, after what building the model draws", () => {
    const counter = numbersDrawnByModel(oracleConfig("gpt2-tiny"));
    assert.equal(counter, tinygrad.counter_offset_after_model_init);
    for (const [name, { u }] of Object.entries(tinygrad.cases)) {
      const seed = Number(/^seed(\d+)_/.exec(name)?.[1]);
      const random = threefryRandom(seed, { kind: "threefry", counter, row: 0, rows: 1 });
      assert.deepEqual(Array.from(u, random), u, name);
    }
  });

  it("are shared out to the rows of a batch", () => {
    const rows = [0, 1, 2, 3, 4].map((row) => threefryRandom(7, { kind: "threefry", counter: 100, row, rows: 5 }));
    const first = rows.map((random) => random());
    assert.equal(new Set([...first, ...rows.map((random) => random())]).size, 10);
    // The first three rows are first words.
    const key = threefry2x32([tinygrad.device_const, 7], [100, 0]);
    assert.equal(first[1], (threefry2x32(key, [1, 4])[0] >>> 9) / 2 ** 23);
    assert.equal(first[4], (threefry2x32(key, [1, 4])[1] >>> 9) / 2 ** 23);
  });
});
