import assert from "node:assert/strict";
import { DraftBudget } from "../../../../../src/generation/speculative/draftModel/draftBudget";

/** Steps until drafting is allowed again. */
function suspendedSteps(budget: DraftBudget): number {
  let steps = 1;
  while (!budget.mayDraft()) steps++;
  return steps;
}

describe("DraftBudget", () => {
  it("does not charge the first step of a trial for what the draft model must read, but later steps", () => {
    const budget = new DraftBudget();
    assert.ok(budget.mayDraft());
    budget.recordStep(1, 1, 100);
    assert.ok(budget.mayDraft());
    budget.recordStep(1, 1, 100);
    assert.ok(!budget.mayDraft());
  });

  it("retries ever less often while drafts lose time, and from the beginning once they have gained some", () => {
    const budget = new DraftBudget();
    budget.recordStep(1, 100);
    const intervals: number[] = [];
    for (let i = 0; i < 6; i++) {
      intervals.push(suspendedSteps(budget));
      budget.recordStep(1, 100);
    }
    assert.deepEqual(intervals, [16, 32, 64, 128, 256, 256]);
    suspendedSteps(budget);
    budget.recordStep(20, 1);
    budget.recordStep(1, 100);
    assert.equal(suspendedSteps(budget), 16);
  });
});
