import assert from "node:assert/strict";
import { DraftModelCosts } from "../../../../../src/generation/speculative/draftModel/costs";

describe("DraftModelCosts", () => {
  it("uses the initial estimate until both models were measured, and then the measurements", () => {
    const target: { plainMs: number | undefined } = { plainMs: undefined };
    const costs = new DraftModelCosts(target, 0.3);
    assert.equal(costs.perToken, 0.3);
    for (let i = 0; i < 200; i++) costs.record(i === 150 ? 1000 : 5);
    assert.equal(costs.perToken, 0.3);
    target.plainMs = 50;
    assert.ok(Math.abs(costs.perToken - 0.1) < 0.01, `${costs.perToken}`);
  });
});
