import assert from "node:assert/strict";
import { LatestTask } from "../../../src/diagnostics/latestTask";

describe("LatestTask", () => {
  /** A task that runs until it is told to end, and writes down what happens to it. */
  function task(name: string, events: string[]) {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const run = async (signal: AbortSignal) => {
      events.push(`${name} begins`);
      signal.addEventListener("abort", () => events.push(`${name} is aborted`));
      await ended;
      events.push(`${name} ends`);
    };
    return { run, end };
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it("aborts the running task for another one", async () => {
    const events: string[] = [];
    using latest = new LatestTask();
    const [a, b] = [task("a", events), task("b", events)];
    latest.replace(a.run);
    latest.replace(b.run);
    a.end();
    await settle();
    assert.equal(latest.busy, true);
    b.end();
    await settle();
    assert.deepEqual(events, ["a begins", "a is aborted", "b begins", "a ends", "b ends"]);
    assert.equal(latest.busy, false);
  });

  it("lets the running task end, and runs only the newest of those that followed", async () => {
    const events: string[] = [];
    using latest = new LatestTask();
    const [a, b, c] = [task("a", events), task("b", events), task("c", events)];
    latest.follow(a.run);
    latest.follow(b.run);
    latest.follow(c.run);
    a.end();
    c.end();
    await settle();
    assert.deepEqual(events, ["a begins", "a ends", "c begins", "c ends"]);
  });

  it("forgets the waiting task when it is disposed, and when another one replaces the running one", async () => {
    const events: string[] = [];
    const latest = new LatestTask();
    const [a, b, c] = [task("a", events), task("b", events), task("c", events)];
    latest.replace(a.run);
    latest.follow(b.run);
    latest.replace(c.run);
    latest.follow(b.run);
    latest[Symbol.dispose]();
    a.end();
    c.end();
    await settle();
    assert.deepEqual(events, ["a begins", "a is aborted", "c begins", "c is aborted", "a ends", "c ends"]);
  });
});
