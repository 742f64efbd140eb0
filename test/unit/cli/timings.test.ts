import assert from "node:assert/strict";
import { rateOf } from "../../../src/cli/timings";

describe("the rate of decoding", () => {
  it("is that of the time in which tokens were decoded, and is left out without any", () => {
    assert.equal(rateOf({ newTokens: 3, decodeMs: 4 }), " (750.0 tokens/s)");
    assert.equal(rateOf({ newTokens: 1, decodeMs: 0 }), "");
  });
});
