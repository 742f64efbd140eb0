import assert from "node:assert/strict";
import { LazyResource } from "../../../src/engine/lazyResource";
import { until } from "../../fixtures/until";

describe("LazyResource", () => {
  function counted(idleMs?: number) {
    const log: string[] = [];
    let failures = 0;
    const lazily = new LazyResource(() => {
      if (failures-- > 0) return Promise.reject(new Error("no memory"));
      log.push("open");
      return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve(void log.push("close")) });
    }, idleMs);
    return { lazily, log, fail: () => (failures = 1) };
  }
  const use = (lazily: LazyResource<AsyncDisposable>) => lazily.use(() => Promise.resolve(1));

  it("opens once for several uses, and closes when it was idle", async () => {
    const { lazily, log } = counted(5);
    assert.deepEqual(await Promise.all([use(lazily), use(lazily)]), [1, 1]);
    await use(lazily);
    assert.deepEqual(log, ["open"]);
    await until(() => log.length >= 2);
    await use(lazily);
    await lazily[Symbol.asyncDispose]();
    assert.deepEqual(log, ["open", "close", "open", "close"]);
  });

  it("closes when the last task is done, if it is asked to close before", async () => {
    const { lazily, log } = counted();
    let finish: () => void = () => undefined;
    const task = lazily.use(() => new Promise<void>((resolve) => (finish = resolve)));
    await use(lazily);
    await lazily.close();
    assert.deepEqual(log, ["open"]);
    finish();
    await task;
    assert.deepEqual(log, ["open", "close"]);
    await lazily.close();
    assert.deepEqual(log, ["open", "close"]);
  });

  it("tries again after it could not be opened", async () => {
    const { lazily, log, fail } = counted();
    fail();
    await assert.rejects(use(lazily), /no memory/);
    await use(lazily);
    await lazily[Symbol.asyncDispose]();
    assert.deepEqual(log, ["open", "close"]);
  });
});
