import assert from "node:assert/strict";
import { StepCosts } from "../../../../../src/generation/speculative/costs";
import { limitDrafts } from "../../../../../src/generation/speculative/drafter";
import { AcceptanceEstimator } from "../../../../../src/generation/speculative/promptLookup/acceptanceEstimator";
import { BigramIndex } from "../../../../../src/generation/speculative/promptLookup/bigramIndex";
import { PromptLookup } from "../../../../../src/generation/speculative/promptLookup/promptLookup";
import { control } from "../../fakes";
import { estimatorFor, trustingLookup } from "./support";

describe("prompt lookup", () => {
  it("drafts what most matches continue with, longer matches first", () => {
    const draft = (sequence: readonly number[]) => trustingLookup().propose(sequence, 1);
    assert.deepEqual(draft([1, 2, 3, 9, 1, 2, 4, 9, 1, 2]), [4], "the latest of equal matches");
    assert.deepEqual(draft([1, 2, 3, 9, 1, 2, 3, 9, 1, 2, 4, 9, 1, 2]), [3], "the most frequent of equal matches");
    assert.deepEqual(draft([7, 1, 2, 3, 9, 8, 1, 2, 4, 9, 7, 1, 2]), [3], "the longest match");
    assert.deepEqual(trustingLookup([[5, 1, 2, 6, 7]]).propose([5, 1, 2], 1), [6], "a match in another text");
  });

  it("drafts nothing without a match, or with a limit of 0", () => {
    assert.deepEqual(trustingLookup().propose([1, 2, 3], 4), []);
    assert.deepEqual(trustingLookup().propose([1], 4), []);
    assert.deepEqual(trustingLookup([[1, 2, 3]]).propose([1, 2], 0), []);
  });

  it("continues a repetition past the end of the sequence", () => {
    const draft = trustingLookup().propose([1, 2, 1, 2, 1, 2], 16);
    assert.ok(draft.length > 4, `${draft.length} tokens`);
    assert.deepEqual(draft, [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2].slice(0, draft.length));
  });

  it("never drafts more than the limit", async () => {
    const limited = (limit: number) => limitDrafts(() => limit, trustingLookup([[1, 2, 3, 4, 5, 6]]));
    assert.deepEqual(await limited(1).propose([1, 2], 5, control()), [3]);
    assert.deepEqual(await limited(5).propose([1, 2], 1, control()), [3]);
    assert.deepEqual(await limited(-1).propose([1, 2], 5, control()), []);
  });

  it("drafts more while it is right, nothing while it is wrong, and resumes when drafts are right again", () => {
    const text = Array.from({ length: 30 }, (_, i) => i);
    const lookup = new PromptLookup(new AcceptanceEstimator(), new StepCosts(), [new BigramIndex(text)]);
    const draftLength = () => lookup.propose([3, 4, 5], 16).length;
    const initial = draftLength();
    for (let i = 0; i < 20; i++) {
      const draft = lookup.propose([3, 4, 5], 16);
      lookup.record(text.slice(6, 6 + draft.length + 1));
    }
    assert.ok(draftLength() > initial + 3 && draftLength() <= 16, `${initial}, then ${draftLength()}`);
    for (let i = 0; i < 200; i++) {
      lookup.propose([3, 4, 5], 16);
      lookup.record([99]);
    }
    assert.equal(draftLength(), 0);
    let steps = 0;
    for (; draftLength() === 0 && steps < 1000; steps++) lookup.record(text.slice(6, 7));
    assert.ok(steps > 10 && steps < 500, `${steps} steps`);
  });

  it("trusts matches that agree more than matches that do not", () => {
    const estimator = estimatorFor((agreement) => agreement === "all");
    const lookup = new PromptLookup(estimator, new StepCosts(), []);
    assert.ok(lookup.propose([1, 2, 3, 8, 1, 2, 3, 9, 1, 2], 16).length > 0);
    assert.equal(lookup.propose([1, 2, 3, 8, 1, 2, 4, 9, 1, 2], 16).length, 0);
  });
});
