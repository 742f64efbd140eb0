import assert from "node:assert/strict";
import type { ModelInspection } from "../../../src/backend/backend";
import { ComparisonRun } from "../../../src/diagnostics/comparisonRun";
import { comparisonText } from "../../../src/diagnostics/webview/comparisonText";
import type { BackendComparison } from "../../../src/gpt2/verification/compareModels";
import type { BackendId } from "../../../src/gpt2/languageModel";
import { until } from "../../fixtures/until";

const agreeing: BackendComparison = {
  backends: ["kernels (int8)", "onnxruntime (int8)"],
  ...{ first: undefined, logits: 0.0021, flips: [], positions: 27 },
};
const differing: BackendComparison = {
  backends: ["kernels (int8)", "webgpu (int8)"],
  ...{ logits: Infinity, flips: [3, 9], positions: 27 },
  first: {
    name: "h.2.attn.key",
    layer: 2,
    checkpoint: { number: 2, name: "QKV projection" },
    ...{ pass: "prefill", maxAbsDiff: 0.31, tolerance: 0.02 },
  },
};

type Answers = Partial<Record<BackendId, () => Promise<BackendComparison>>>;

function runWith(answers: Answers, available: readonly BackendId[] = ["kernels", "onnxruntime", "webgpu"]) {
  const inspection = {
    describe: () => Promise.resolve({ info: { backend: "kernels", precision: "int8" } }),
    inspect: (_method: string, { against }: { readonly against: BackendId }, { signal }: { signal: AbortSignal }) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("Cancelled.")));
        answers[against]?.().then(resolve, reject);
      }),
  } as unknown as ModelInspection;
  const states: string[] = [];
  const run: ComparisonRun = new ComparisonRun(
    { inspection },
    () => Promise.resolve(available),
    () => states.push(run.view.state),
  );
  return { run, states };
}

describe("ComparisonRun", () => {
  it("compares the backend in use with every other one, in numbers that JSON can represent", async () => {
    const { run, states } = runWith({
      onnxruntime: () => Promise.resolve(agreeing),
      webgpu: () => Promise.resolve(differing),
    });
    using running = run;
    await running.start();
    assert.deepEqual(states, ["running", "running", "running", "done"]);
    assert.deepEqual(running.view.rows, JSON.parse(JSON.stringify(running.view.rows)));
    assert.deepEqual(running.view.rows.map(comparisonText), [
      "kernels (int8) and onnxruntime (int8): no tensor differs by more than the tolerance. Largest difference of two logits: 2.1e-3. " +
        "The likeliest token is the same at all 27 positions.",
      "kernels (int8) and webgpu (int8): first difference in checkpoint 2, QKV projection, layer 2 (h.2.attn.key): 3.1e-1, allowed 2.0e-2. " +
        "Largest difference of two logits: none. Another token is the likeliest at 2 of 27 positions: 3, 9.",
    ]);
  });

  it("goes on with the next backend after one that is not available", async () => {
    const { run } = runWith({
      onnxruntime: () => Promise.reject(new Error("It is out of memory.")),
      webgpu: () => Promise.resolve(agreeing),
    });
    using running = run;
    await running.start();
    assert.equal(running.view.state, "done");
    assert.deepEqual(
      running.view.rows.map(({ problem }) => problem),
      ["It is out of memory.", undefined],
    );
    assert.match(comparisonText(running.view.rows[0] ?? assert.fail()), /not compared\. It is out of memory\.$/);
  });

  it("fails where there is nothing to compare with", async () => {
    const { run } = runWith({}, ["kernels"]);
    using running = run;
    await running.start();
    assert.equal(running.view.state, "failed");
    assert.match(running.view.message ?? "", /nothing but kernels can run this model in int8/);
  });

  it("runs once at a time, keeps what it has when it is cancelled, and can run again", async () => {
    let asked = 0;
    const { run } = runWith({
      onnxruntime: () => Promise.resolve(agreeing),
      webgpu: () => (asked++ === 0 ? new Promise(() => undefined) : Promise.resolve(agreeing)),
    });
    using running = run;
    const done = running.start();
    await running.start();
    await until(() => asked > 0);
    running.cancel();
    await done;
    assert.equal(running.view.state, "cancelled");
    assert.equal(running.view.rows.length, 1);
    await running.start();
    assert.deepEqual([running.view.state, running.view.rows.length], ["done", 2]);
  });
});
