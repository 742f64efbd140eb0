import assert from "node:assert/strict";
import { CheckpointRun } from "../../../src/diagnostics/checkpointRun";
import type { BackendState, ModelInspection } from "../../../src/backend/backend";
import type { AdapterDescription } from "../../../src/engine/protocol";
import type { CheckpointResult } from "../../../src/gpt2/verification/checkpoints/result";

type Engine = Pick<ModelInspection, "describe" | "checkpoints">;
type Ask = Parameters<Engine["checkpoints"]>[1];

const description = { name: "tiny", info: { precision: "f32", backend: "wasm", threads: 1 } };
const result: CheckpointResult = {
  number: 1,
  name: "Layer normalization",
  compares: "ln_1(x)",
  guidance: "Look at ε.",
  status: "failed",
  shape: [2, 4],
  maxAbsDiff: Infinity,
  at: [],
  tolerance: 1e-5,
  histogram: { edges: [0], counts: [0, 8] },
  firstValues: { expected: [1], actual: [NaN] },
  parts: [],
};
const report = { model: "tiny", checkpoints: [result] };

/** A backend whose run the test ends. */
function backendWith(adapters: readonly AdapterDescription[] = []) {
  let resolve: (report: never) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((...ways) => ([resolve, reject] = ways));
  const state = { kind: "ready", description: { localModel: { adapters } } } as unknown as BackendState;
  const asked: Ask[] = [];
  const requests: unknown[] = [];
  const engine = {
    describe: () => Promise.resolve(description),
    checkpoints: (request: unknown, options: Ask) => {
      requests.push(request);
      asked.push(options);
      options?.signal?.addEventListener("abort", () => reject(new Error("Cancelled.")));
      return promise;
    },
  } as unknown as ModelInspection;
  return {
    backend: { inspection: engine, state },
    asked,
    requests,
    end: () => resolve(report as never),
    fail: (error: Error) => reject(error),
  };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("CheckpointRun", () => {
  it("can check the model with each adapter that is loaded, and says which it was", async () => {
    const { backend, requests, end } = backendWith([
      { kind: "ready", name: "sql", rank: 8, bytes: 100 },
      { kind: "unusable", name: "old", problem: "It belongs to another model." },
    ]);
    using run = new CheckpointRun(backend, () => undefined);
    assert.deepEqual(run.view.adapters, ["sql"]);
    const running = run.start("sql");
    await settle();
    assert.match(run.view.subject ?? "", /^tiny with the adapter sql: f32 on wasm/);
    end();
    await running;
    assert.deepEqual(requests, [{ adapter: "sql" }]);
  });

  it("lists the twelve checkpoints before a run", () => {
    using run = new CheckpointRun(backendWith().backend, () => undefined);
    assert.equal(run.view.state, "ready");
    assert.deepEqual(
      run.view.checkpoints.map(({ number }) => number),
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
    assert.ok(run.view.checkpoints.every(({ result: none }) => none === undefined));
  });

  it("reports each result as it comes, in numbers that JSON can represent, and the whole report at the end", async () => {
    const { backend, asked, end } = backendWith();
    const states: string[] = [];
    using run = new CheckpointRun(backend, () => states.push(run.view.state));
    const done = run.start();
    await settle();
    asked[0]?.onProgress?.({ share: 0.5, result });
    assert.deepEqual(run.view.checkpoints[0]?.result, JSON.parse(JSON.stringify(run.view.checkpoints[0]?.result)));
    assert.equal(run.view.checkpoints[0]?.result?.maxAbsDiff, null);
    assert.equal(run.view.progress, 0.5);
    assert.equal(run.view.subject, "tiny: f32 on wasm, 1 thread");
    assert.equal(run.report, undefined);
    end();
    await done;
    assert.deepEqual(states, ["running", "running", "done"]);
    assert.equal(run.report, report);
  });

  it("runs once at a time, and can be cancelled and run again", async () => {
    const { backend, asked } = backendWith();
    using run = new CheckpointRun(backend, () => undefined);
    const done = run.start();
    await run.start();
    await settle();
    assert.equal(asked.length, 1);
    run.cancel();
    await done;
    assert.equal(run.view.state, "cancelled");
    void run.start();
    assert.equal(run.view.state, "running");
  });

  it("fails where the backend has no model to look into", async () => {
    using run = new CheckpointRun({ inspection: undefined, state: { kind: "idle" } }, () => undefined);
    await run.start();
    assert.equal(run.view.state, "failed");
    assert.match(run.view.message ?? "", /need a model that runs in this extension/);
  });

  it("says why it could not be run", async () => {
    const { backend, fail } = backendWith();
    using run = new CheckpointRun(backend, () => undefined);
    const done = run.start();
    fail(new Error("There is not enough memory."));
    await done;
    assert.deepEqual([run.view.state, run.view.message], ["failed", "There is not enough memory."]);
  });
});
