import assert from "node:assert/strict";
import { adaptiveDelay, longestDelay, type Rhythm } from "../../../../../src/completion/core/timing/adaptiveDelay";
import { TypingRhythm } from "../../../../../src/completion/core/timing/typingRhythm";

const nothing: Rhythm = { intervals: [], responses: [], outcomes: [] };
const times = (count: number, value: number) => Array.from({ length: count }, () => value);

describe("the adaptive delay", () => {
  it("is none while nothing is known, and where suggestions come between two keys", () => {
    assert.equal(adaptiveDelay(nothing), 0);
    assert.equal(adaptiveDelay({ ...nothing, intervals: times(9, 200), responses: times(9, 120) }), 0);
  });

  it("grows with the time that suggestions take, up to a pause in typing", () => {
    const delays = [50, 150, 250, 350, 2000].map((response) =>
      adaptiveDelay({ ...nothing, intervals: times(9, 200), responses: times(9, response) }),
    );
    assert.deepEqual(delays, [0, 0, 100, 200, 200]);
  });

  it("follows the person: the same answers are late for a quick typist and in time for a slow one", () => {
    const at = (interval: number) =>
      adaptiveDelay({ ...nothing, intervals: times(9, interval), responses: times(9, 150) });
    assert.ok(at(100) > 0);
    assert.equal(at(400), 0);
  });

  it("is longer where suggestions are ignored, shorter where they are accepted, and forgets that in time", () => {
    const slow = { intervals: times(9, 150), responses: times(9, 300) };
    const after = (accepted: boolean, age: number) =>
      adaptiveDelay({ ...slow, outcomes: Array.from({ length: 8 }, () => ({ accepted, age })) });
    const neutral = adaptiveDelay({ ...slow, outcomes: [] });
    assert.ok(after(true, 0) < neutral);
    assert.ok(after(false, 0) > neutral);
    assert.ok(after(false, 300_000) < after(false, 0));
    assert.equal(after(false, 600_000), neutral);
    assert.equal(after(true, 3_600_000), neutral);
  });

  it("is never negative, and never more than half a second", () => {
    for (const interval of [1, 40, 200, 1500]) {
      for (const response of [0, 30, 5000]) {
        for (const accepted of [true, false]) {
          const outcomes = times(20, 0).map((age) => ({ accepted, age }));
          const delay = adaptiveDelay({ intervals: times(24, interval), responses: times(12, response), outcomes });
          assert.ok(delay >= 0 && delay <= longestDelay, String(delay));
        }
      }
    }
  });
});

describe("TypingRhythm", () => {
  /** Types `count` keys, one every `interval` milliseconds. @returns the time of the last one */
  function type(rhythm: TypingRhythm, count: number, interval: number, from = 0): number {
    for (let key = 0; key < count; key++) rhythm.edited(from + key * interval);
    return from + (count - 1) * interval;
  }

  it("keeps to a fixed delay", () => {
    const rhythm = new TypingRhythm();
    const now = type(rhythm, 30, 100);
    rhythm.answered(2000);
    assert.equal(rhythm.delay(0, now), 0);
    assert.equal(rhythm.delay(75, now), 75);
    assert.ok(rhythm.delay("adaptive", now) > 0);
  });

  it("leaves pauses out of the rhythm, and what no hand types", () => {
    const rhythm = new TypingRhythm();
    rhythm.answered(150);
    let now = type(rhythm, 10, 100);
    const before = rhythm.delay("adaptive", now);
    for (let pause = 0; pause < 30; pause++) rhythm.edited((now += 60_000));
    now = type(rhythm, 1000, 1, now + 60_000);
    rhythm.edited((now += 60_000));
    assert.equal(rhythm.delay("adaptive", now), before);
  });

  it("waits for the end of a burst, whatever the setting says", () => {
    const rhythm = new TypingRhythm();
    const now = type(rhythm, 10_000, 0.1);
    assert.ok(rhythm.delay(0, now) >= 50);
    assert.ok(rhythm.delay("adaptive", now) >= 50);
    rhythm.edited(now + 200);
    assert.equal(rhythm.delay(0, now + 200), 0);
  });

  it("learns from the last answers, not from those of long ago", () => {
    const rhythm = new TypingRhythm();
    let now = type(rhythm, 10, 100);
    for (let i = 0; i < 20; i++) rhythm.answered(1000);
    const slow = rhythm.delay("adaptive", now);
    for (let i = 0; i < 20; i++) rhythm.answered(20);
    assert.equal(rhythm.delay("adaptive", now), 0);
    assert.ok(slow > 0);
    for (let i = 0; i < 8; i++) rhythm.ended(false, (now += 1000));
    assert.ok(rhythm.delay("adaptive", now) > 0);
  });
});
