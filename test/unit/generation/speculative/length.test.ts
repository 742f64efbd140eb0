import assert from "node:assert/strict";
import { bestDraftLength } from "../../../../src/generation/speculative/length";

describe("bestDraftLength", () => {
  const cost = (extra: number) => (drafted: number) => 1 + extra * drafted;

  it("grows with the probability of acceptance and shrinks with the cost of a token and with the throughput", () => {
    const likely = new Array<number>(8).fill(0.9);
    assert.equal(bestDraftLength(likely, cost(0.05), 1), 8);
    assert.equal(bestDraftLength(likely, cost(0.5), 1), 6);
    assert.equal(bestDraftLength(likely, cost(0.5), 1.5), 2);
    assert.equal(bestDraftLength(likely, cost(1), 1), 0);
    assert.equal(bestDraftLength([0.3, 1, 1, 1], cost(0.4), 1), 0);
    assert.equal(bestDraftLength([0.3, 1, 1, 1], cost(0.2), 1), 4);
    assert.equal(bestDraftLength([], cost(0), 1), 0);
  });
});
