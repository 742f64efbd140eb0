import assert from "node:assert/strict";
import { setImmediate as nextTick } from "node:timers/promises";
import { PriorityScheduler, priority } from "../../../src/engine/priorityScheduler";

describe("PriorityScheduler", () => {
  /** A task of `steps` steps that writes its name at each. */
  function task(name: string, steps: number, trace: string[], atStep?: (step: number) => void) {
    return async (pause: () => Promise<void>) => {
      for (let step = 1; step <= steps; step++) {
        trace.push(`${name}${step}`);
        atStep?.(step);
        await pause();
      }
      return name;
    };
  }

  it("runs one request at a time, in order of arrival", async () => {
    const scheduler = new PriorityScheduler(nextTick);
    const trace: string[] = [];
    const names = await Promise.all([
      scheduler.run(priority.generate, task("a", 2, trace)),
      scheduler.run(priority.generate, task("b", 2, trace)),
    ]);
    assert.deepEqual(names, ["a", "b"]);
    assert.deepEqual(trace, ["a1", "a2", "b1", "b2"]);
  });

  it("lets a keystroke in between two steps of Generate, which then resumes before others of its rank", async () => {
    const scheduler = new PriorityScheduler(nextTick);
    const trace: string[] = [];
    const others: Promise<string>[] = [];
    const generate = scheduler.run(
      priority.generate,
      task("g", 3, trace, (step) => {
        if (step !== 1) return;
        others.push(scheduler.run(priority.generate, task("h", 1, trace)));
        others.push(scheduler.run(priority.completion, task("c", 2, trace)));
      }),
    );
    await generate;
    await Promise.all(others);
    assert.deepEqual(trace, ["g1", "c1", "c2", "g2", "g3", "h1"]);
  });

  it("scores lines while a completion goes on with its block", async () => {
    const scheduler = new PriorityScheduler(nextTick);
    const trace: string[] = [];
    const others: Promise<string>[] = [];
    const completion = task("c", 2, trace, (step) => {
      if (step === 1) others.push(scheduler.run(priority.scores, task("s", 2, trace)));
    });
    await scheduler.run(priority.completion, completion);
    await Promise.all(others);
    assert.deepEqual(trace, ["c1", "s1", "s2", "c2"]);
  });

  it("lets a cancelled request end before a more urgent one begins", async () => {
    const scheduler = new PriorityScheduler(nextTick);
    const trace: string[] = [];
    const signal = { aborted: false };
    const others: Promise<string>[] = [];
    const idle = scheduler.run(
      priority.idle,
      async (pause) => {
        trace.push("idle");
        others.push(scheduler.run(priority.completion, task("c", 1, trace)));
        signal.aborted = true;
        await pause();
        trace.push("given back");
        return "i";
      },
      signal,
    );
    await idle;
    await Promise.all(others);
    assert.deepEqual(trace, ["idle", "given back", "c1"]);
  });

  it("goes on with the next request when one fails", async () => {
    const scheduler = new PriorityScheduler(nextTick);
    const trace: string[] = [];
    const failing = scheduler.run(priority.completion, () => Promise.reject(new Error("no memory")));
    const next = scheduler.run(priority.generate, task("n", 1, trace));
    await assert.rejects(failing, /no memory/);
    assert.equal(await next, "n");
  });
});
