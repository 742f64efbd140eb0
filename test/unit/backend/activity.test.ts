import assert from "node:assert/strict";
import { Activity } from "../../../src/backend/activity";

describe("Activity", () => {
  it("begins with the first request and ends with the last, failed or not", async () => {
    const activity = new Activity();
    const changes: boolean[] = [];
    activity.onDidChange((busy) => changes.push(busy));
    let fail: (error: Error) => void = () => undefined;
    const first = activity.during(Promise.resolve("text"));
    const second = activity.during(new Promise((_, reject) => (fail = reject)));
    assert.equal(await first, "text");
    assert.equal(activity.busy, true);
    fail(new Error("broken"));
    await assert.rejects(second, /broken/);
    assert.equal(activity.busy, false);
    assert.deepEqual(changes, [true, false]);
  });

  it("reports nothing to a listener that was disposed", async () => {
    const activity = new Activity();
    const changes: boolean[] = [];
    activity.onDidChange((busy) => changes.push(busy))[Symbol.dispose]();
    await activity.during(Promise.resolve());
    assert.deepEqual(changes, []);
  });
});
