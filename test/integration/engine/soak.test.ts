import assert from "node:assert/strict";
import { longDraftBytes, soak } from "../../fixtures/soak";

describe("the engine under random work", () => {
  it("writes the tokens of an engine that recomputes everything, and its memory stays as it is", async () => {
    const report = await soak({ operations: 200, seed: 1 });
    const [, , start, ...later] = report.memory;
    const largest = Math.max(...later.map(({ heap }) => heap));
    assert.ok(start && largest - start.heap <= longDraftBytes, JSON.stringify(report.memory));
    assert.ok(report.cancelled > 5 && report.generated > 5 && report.tokens > 500, JSON.stringify(report));
    assert.ok(report.computed < report.recomputed / 2, `${report.computed} of ${report.recomputed} tokens computed`);
  }).timeout(120_000);
});
