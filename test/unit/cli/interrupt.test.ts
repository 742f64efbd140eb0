import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { onInterrupt } from "../../../src/cli/interrupt";

/** A process that tells when it is ended. */
class FakeProcess extends EventEmitter {
  exit(code: number): void {
    this.emit("exit", code);
  }
}

describe("onInterrupt", () => {
  it("aborts the signal at the first Ctrl-C, and ends what does not listen to it", async () => {
    const process = new FakeProcess();
    const signal = onInterrupt(process, 1);
    assert.equal(signal.aborted, false);
    const ended = once(process, "exit");
    // The timer does not keep a process alive, so something else has to.
    const alive = setInterval(() => undefined, 1000);
    process.emit("SIGINT");
    assert.equal(signal.aborted, true);
    assert.deepEqual(await ended, [130]);
    clearInterval(alive);
    assert.equal(process.listenerCount("SIGINT"), 0, "the second one gets Node's default");
  });
});
