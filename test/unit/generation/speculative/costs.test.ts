import assert from "node:assert/strict";
import { StepCosts } from "../../../../src/generation/speculative/costs";

describe("StepCosts", () => {
  it("are estimated from the durations of steps", () => {
    const costs = new StepCosts();
    const assumed = costs.of(4);
    for (const [drafted, ms] of [
      [0, 10],
      [3, 13],
      [0, 10],
      [8, 18],
      [2, 12],
      [8, 18],
      [0, 10],
      [8, 18],
    ] as const) {
      costs.record(drafted, ms, 100);
    }
    assert.ok(Math.abs(costs.of(8) - 1.8) < 0.05, `${costs.of(8)}`);
    assert.equal(costs.of(0), 1);
    assert.ok(assumed > costs.of(4));
  });

  it("ignore a step that something else delayed, and follow a lasting change of speed", () => {
    const costs = new StepCosts();
    for (let i = 0; i < 50; i++) costs.record(i % 3, 10 * (1 + 0.2 * (i % 3)), 100);
    const before = costs.of(8);
    costs.record(0, 900, 100);
    costs.record(2, 900, 100);
    assert.ok(costs.of(8) < 1.4 * before, `${costs.of(8)} after ${before}`);
    for (let i = 0; i < 400; i++) costs.record(i % 3, 30 * (1 + 0.5 * (i % 3)), 100);
    assert.ok(Math.abs(costs.of(8) - 5) < 0.2, `${costs.of(8)}`);
  });

  it("compare only steps of similar sequence length", () => {
    const costs = new StepCosts();
    for (let i = 0; i < 60; i++) {
      costs.record(0, 10, 100);
      costs.record(2, 14, 110);
      costs.record(0, 30, 900);
      costs.record(2, 42, 910);
    }
    assert.ok(Math.abs(costs.of(2) - 1.4) < 1e-9, `${costs.of(2)}`);
    costs.record(2, 500, 500);
    assert.ok(Math.abs(costs.of(2) - 1.4) < 1e-9, "there is no comparable step");
  });

  it("return to the assumption after many steps without drafts", () => {
    const costs = new StepCosts();
    const assumed = costs.of(4);
    for (let i = 0; i < 10; i++) {
      costs.record(0, 10, 100);
      costs.record(2, 90, 100);
    }
    assert.ok(costs.of(4) > assumed);
    let steps = 0;
    for (; costs.of(4) > assumed && steps < 2000; steps++) costs.record(0, 10, 100);
    assert.ok(steps > 16 && steps < 1000, `${steps} steps`);
  });

  it("do not change if the clock does not move", () => {
    const costs = new StepCosts();
    const assumed = costs.of(4);
    costs.record(0, 0, 100);
    costs.record(4, 0, 100);
    assert.equal(costs.of(4), assumed);
  });
});
