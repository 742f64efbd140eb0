import assert from "node:assert/strict";
import { EngineClient } from "../../../../src/engine/client";
import { spawnWithFallback } from "../../../../src/engine/fallback/fallbackLink";
import type { GenerationResult } from "../../../../src/generation/request";
import type { BackendSpeed } from "../../../../src/gpt2/backends/speed";
import { BackendUnavailableError } from "../../../../src/gpt2/errors";
import type { BackendId } from "../../../../src/gpt2/languageModel";
import { ScriptedEngine } from "../../../fixtures/scriptedEngine";

const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
const request = { prompt: "a", maxTokens: 4, sampling };
const all = ["kernels", "onnxruntime", "webgpu"] as const;

const speedOf = (backend: BackendId, decodeMs: number): BackendSpeed => {
  return { kind: "measured", backend, speed: { prefillMs: 1, decodeMs } };
};
const milliseconds: Readonly<Record<BackendId, number>> = { kernels: 10, onnxruntime: 20, webgpu: 4 };

/** An engine that measures, and says where it is when it generates. */
function engineOn(backend: BackendId, script: ScriptedEngine["script"] = {}): ScriptedEngine {
  let used = backend;
  const engine: ScriptedEngine = new ScriptedEngine(backend, {
    generate: () => Promise.resolve({ text: backend, finish: "length", timings: {} } as GenerationResult),
    measureBackends: (backends) => Promise.resolve(backends.map((id) => speedOf(id, milliseconds[id]))),
    moveToBackend: (other) => {
      used = other;
      return Promise.resolve(undefined);
    },
    stats: () => Promise.resolve({ model: engine.describe(used) }),
    ...script,
  });
  return engine;
}

/** A client whose engines run where the model's backend can, and what is started there. */
function start(backend: BackendId | "auto", gpu: ScriptedEngine | Error, worker = engineOn("kernels")) {
  const started: string[] = [];
  const left = { count: 0 };
  const client = new EngineClient({
    spawn: spawnWithFallback({
      startOnGpu: () => {
        started.push("gpu");
        return gpu instanceof Error ? Promise.reject(gpu) : Promise.resolve(gpu.link());
      },
      leaveGpu: () => left.count++,
      startInWorker: () => {
        started.push("worker");
        return Promise.resolve(worker.link());
      },
    }),
    model: () => {
      const location = { kind: "path", path: "model" } as const;
      return Promise.resolve({ location, backend, precision: "int8", threads: 0, cacheFolder: "" });
    },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const text = async () => (await client.generate(request)).text;
  return { client, started, left, worker, text, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
}

describe("measuring backends of which some need WebGPU, in two engines", () => {
  it("measures each where it runs, in the order that was asked for, and the model goes on where it was", async () => {
    const gpu = engineOn("webgpu");
    await using both = start("auto", gpu);
    assert.equal(await both.text(), "kernels");
    assert.deepEqual(both.started, ["worker"]);
    const speeds = await both.client.onBackends("measureBackends", ["webgpu", "kernels", "onnxruntime"]);
    assert.deepEqual(speeds, [speedOf("webgpu", 4), speedOf("kernels", 10), speedOf("onnxruntime", 20)]);
    assert.deepEqual([gpu.opened[0]?.backend, await both.text()], ["webgpu", "kernels"]);
    await both.client.onBackends("moveToBackend", "kernels");
    assert.ok(gpu.disposed && !both.worker.disposed);
    assert.equal(both.left.count, 1);
  });

  it("moves the model to WebGPU, in the engine that was measured, and ends the other", async () => {
    const gpu = engineOn("webgpu");
    await using both = start("auto", gpu);
    await both.text();
    await both.client.onBackends("measureBackends", all);
    await both.client.onBackends("moveToBackend", "webgpu");
    assert.equal(await both.text(), "webgpu");
    await settle();
    assert.ok(both.worker.disposed && !gpu.disposed);
    assert.deepEqual([both.started, both.left.count], [["worker", "gpu"], 0]);
    const { state } = both.client;
    assert.equal(state.kind === "ready" && state.model.info.backend, "webgpu");
  });

  it("moves it back from there to the backend on the processor that was the faster", async () => {
    const gpu = engineOn("webgpu");
    await using both = start("webgpu", gpu);
    assert.equal(await both.text(), "webgpu");
    const speeds = await both.client.onBackends("measureBackends", all);
    assert.deepEqual(
      speeds?.map(({ backend }) => backend),
      all,
    );
    await both.client.onBackends("moveToBackend", "onnxruntime");
    await settle();
    assert.deepEqual(both.worker.calls, ["open", "measureBackends", "moveToBackend", "stats"]);
    assert.ok(gpu.disposed && !both.worker.disposed);
    assert.equal(both.left.count, 1);
    const { state } = both.client;
    assert.equal(state.kind === "ready" && state.model.info.backend, "onnxruntime");
  });

  it("answers in the worker when WebGPU is lost after the model moved there", async () => {
    const gpu = engineOn("webgpu");
    await using both = start("auto", gpu);
    await both.text();
    await both.client.onBackends("measureBackends", all);
    await both.client.onBackends("moveToBackend", "webgpu");
    await settle();
    gpu.die("The tab was closed.");
    assert.equal(await both.text(), "kernels");
  });

  it("says why WebGPU cannot be measured, and the model goes on", async () => {
    await using both = start("auto", new BackendUnavailableError("The tab did not load."));
    await both.text();
    const speeds = await both.client.onBackends("measureBackends", all);
    assert.deepEqual(speeds?.at(-1), { kind: "unavailable", backend: "webgpu", problem: "The tab did not load." });
    assert.equal(await both.text(), "kernels");
  });

  it("goes on when the tab is closed during a measurement", async () => {
    const gpu = engineOn("webgpu", { measureBackends: () => new Promise(() => undefined) });
    await using both = start("auto", gpu);
    await both.text();
    const measured = both.client.onBackends("measureBackends", all);
    await settle();
    gpu.die("The tab was closed.");
    assert.equal((await measured)?.at(-1)?.kind, "unavailable");
    assert.equal(await both.text(), "kernels");
  });

  it("leaves WebGPU when the engine that answers calls dies during a measurement", async () => {
    const gpu = engineOn("webgpu", { measureBackends: () => new Promise(() => undefined) });
    await using both = start("auto", gpu);
    await both.text();
    const measured = both.client.onBackends("measureBackends", all);
    await settle();
    both.worker.die("out of memory");
    await assert.rejects(Promise.resolve(measured), /out of memory/);
    await settle();
    assert.ok(gpu.disposed);
    assert.equal(both.left.count, 1);
  });

  it("starts nothing when the measurement was interrupted, or WebGPU is not to be measured", async () => {
    const interrupted = engineOn("kernels", { measureBackends: () => Promise.resolve(undefined) });
    await using both = start("auto", engineOn("webgpu"), interrupted);
    await both.text();
    assert.equal(await both.client.onBackends("measureBackends", all), undefined);
    await using one = start("auto", engineOn("webgpu"));
    await one.text();
    assert.equal((await one.client.onBackends("measureBackends", ["kernels"]))?.length, 1);
    assert.deepEqual([both.started, one.started], [["worker"], ["worker"]]);
  });

  it("ends both engines when it is closed", async () => {
    const gpu = engineOn("webgpu");
    const both = start("auto", gpu);
    await both.text();
    await both.client.onBackends("measureBackends", all);
    await both.client[Symbol.asyncDispose]();
    assert.ok(gpu.disposed && both.worker.disposed);
  });
});
