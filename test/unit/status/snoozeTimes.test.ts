import assert from "node:assert/strict";
import { describeSnoozeTime, snoozeEnd, snoozeTimes } from "../../../src/status/snoozeTimes";
import { english } from "../../fixtures/localization";

describe("the times of a snooze", () => {
  it("are minutes from now, or end with the day", () => {
    const now = new Date(2026, 11, 31, 23, 50);
    assert.deepEqual(snoozeEnd(15, now), new Date(2027, 0, 1, 0, 5));
    assert.deepEqual(snoozeEnd("tomorrow", now), new Date(2027, 0, 1));
    assert.deepEqual(snoozeEnd("tomorrow", new Date(2026, 1, 28)), new Date(2026, 2, 1));
  });

  it("are offered in words", () => {
    assert.deepEqual(
      snoozeTimes.map((time) => describeSnoozeTime(time, english)),
      ["For 5 minutes", "For 15 minutes", "For 1 hour", "Until tomorrow"],
    );
  });
});
