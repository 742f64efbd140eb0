import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { TextRequest, TimedText } from "../../../../src/backend/backend";
import { TimeLimit } from "../../../../src/backend/server/timeLimit";

/** Writes three texts, and returns why they ended and the limits that they were given. */
async function writeThree(maxMs: number | undefined, ms: number, finish: TimedText["finish"]) {
  const limit = new TimeLimit(maxMs);
  const given: (number | undefined)[] = [];
  const ends: string[] = [];
  for (let i = 0; i < 3; i++) {
    const request: Pick<TextRequest, "stops"> = { stops: { strings: ["x"] } };
    const { finish: end } = await limit.write(request, async ({ stops }) => {
      assert.deepEqual(stops?.strings, ["x"]);
      given.push(stops.maxMs);
      await sleep(ms);
      return { text: "a", finish, timings: { totalMs: 1, firstTokenMs: 1, decodeMs: 0, newTokens: 1 } };
    });
    ends.push(end);
  }
  return { given, ends };
}

describe("the time limit of several texts", () => {
  it("leaves each the time that those before it have not taken", async () => {
    const { given, ends } = await writeThree(100_000, 20, "length");
    const [first = NaN, second = NaN, third = NaN] = given;
    assert.ok(100_000 >= first && first > second && second > third && third > 0, given.join());
    assert.deepEqual(ends, ["length", "length", "length"]);
  });

  it("ends the texts for which none is left, without a request", async () => {
    const { given, ends } = await writeThree(20, 60, "length");
    assert.deepEqual([given.length, ends], [1, ["length", "time", "time"]]);
    const stopped = await writeThree(100_000, 0, "time");
    assert.deepEqual([stopped.given.length, stopped.ends], [1, ["time", "time", "time"]]);
  });

  it("changes nothing where there is none", async () => {
    const { given } = await writeThree(undefined, 0, "length");
    assert.deepEqual(given, [undefined, undefined, undefined]);
  });
});
