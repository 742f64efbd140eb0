import assert from "node:assert/strict";
import { nodePlatform } from "../../../src/engine/host/nodePlatform";
import type { EnginePlatform } from "../../../src/engine/platform";
import type { ModelDescription } from "../../../src/engine/protocol";
import { EngineService } from "../../../src/engine/service";
import { BackendUnavailableError } from "../../../src/gpt2/errors";
import { bundledModel } from "../../fixtures/engine";
import { GpuStandIn, graphicsCard } from "../../fixtures/gpuStandIn";

const signal = new AbortController().signal;
const call = { signal, onProgress: () => undefined };
const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
const prompt = { header: "// src/add.ts\n", prefix: "function add(a, b) {\n  return ", suffix: "" };
const request = { prompt, stop: "none", maxTokens: 6, sampling, healing: false } as const;

async function engineWithGpu() {
  const node = nodePlatform("node_modules/onnxruntime-web/dist");
  const [kernels, onnxruntime] = node.backends;
  assert.ok(kernels && onnxruntime);
  const gpu = new GpuStandIn(kernels);
  const platform: EnginePlatform = { ...node, backends: [kernels, onnxruntime, gpu] };
  const reopened: ModelDescription[] = [];
  const engine = new EngineService(
    platform,
    (message) => assert.fail(message),
    (description) => reopened.push(description),
  );
  await engine.open(bundledModel());
  return { engine, gpu, reopened };
}

describe("the engine's backends", () => {
  let engine: EngineService;
  let gpu: GpuStandIn;
  let reopened: readonly ModelDescription[];
  before(async () => ({ engine, gpu, reopened } = await engineWithGpu()));
  after(() => engine[Symbol.asyncDispose]());
  beforeEach(() => gpu.reset());

  it("are those of the host that support the model and whose device is there", async () => {
    const all = ["kernels", "onnxruntime", "webgpu"] as const;
    const { processor, backends } = await engine.handlers.machine(all, call);
    assert.match(processor, /threads$/);
    assert.deepEqual(backends, [{ id: "kernels" }, { id: "onnxruntime" }, { id: "webgpu", device: graphicsCard }]);
    assert.deepEqual((await engine.handlers.machine(["kernels"], call)).backends, [{ id: "kernels" }]);
    gpu.card = undefined;
    assert.equal((await engine.handlers.machine(all, call)).backends.length, 2);
    Object.assign(gpu, { card: graphicsCard, able: false });
    assert.equal((await engine.handlers.machine(all, call)).backends.length, 2);
  });

  it("are measured on copies that are closed again; the text after it is the same", async () => {
    const { text } = await engine.handlers.complete(request, call);
    const speeds = await engine.handlers.measureBackends(["kernels", "webgpu"], call);
    assert.deepEqual(
      speeds?.map(({ kind, backend }) => [kind, backend]),
      [
        ["measured", "kernels"],
        ["measured", "webgpu"],
      ],
    );
    for (const result of speeds) {
      assert.ok(result.kind === "measured" && result.speed.decodeMs > 0 && result.speed.prefillMs > 0);
    }
    assert.deepEqual([gpu.counts.opened, gpu.counts.disposed], [1, 1]);
    const again = await engine.handlers.complete(request, call);
    assert.equal(again.text, text);
    assert.equal(again.timings.cachedTokens, again.timings.promptTokens - 1, "the sequence is still cached");
  });

  it("say why one cannot be measured", async () => {
    gpu.card = undefined;
    const speeds = await engine.handlers.measureBackends(["webgpu"], call);
    assert.deepEqual(speeds, [{ kind: "unavailable", backend: "webgpu", problem: "There is no graphics card." }]);
  });

  it("are no longer measured when a request comes, or when it is cancelled", async () => {
    const measuring = engine.handlers.measureBackends(["webgpu", "kernels"], call);
    const { text } = await engine.handlers.complete(request, call);
    assert.ok(text.length > 0);
    assert.equal(await measuring, undefined);
    const cancelled = new AbortController();
    const stopped = engine.handlers.measureBackends(["kernels", "webgpu"], { ...call, signal: cancelled.signal });
    cancelled.abort();
    assert.equal(await stopped, undefined);
    assert.equal(gpu.counts.opened, gpu.counts.disposed, "no copy is left");
  });

  it("take the model over from one another between two steps of a text, which stays the same", async () => {
    const text = { prompt: "const a = 1;\n", maxTokens: 30, sampling };
    const { text: expected } = await engine.handlers.generate(text, call);
    const generating = engine.handlers.generate(text, call);
    await engine.handlers.moveToBackend("webgpu", call);
    assert.equal((await generating).text, expected);
    assert.equal(engine.stats().model?.info.backend, "webgpu");
    assert.deepEqual(
      reopened.map(({ info }) => info.backend),
      ["webgpu"],
    );
    gpu.card = undefined;
    await engine.handlers.moveToBackend("webgpu", call);
    assert.equal(gpu.counts.opened, 1, "it is there already");
    await engine.handlers.moveToBackend("kernels", call);
    assert.equal(engine.stats().model?.info.backend, "kernels");
    await assert.rejects(engine.handlers.moveToBackend("webgpu", call), BackendUnavailableError);
    assert.equal(engine.stats().model?.info.backend, "kernels");
  });

  it("are compared, and the copies are closed", async () => {
    const same = await engine.handlers.compareBackends({ against: "webgpu" }, call);
    assert.deepEqual(same.backends, ["kernels (int8)", "webgpu (int8)"]);
    assert.deepEqual([same.first, same.logits, same.flips], [undefined, 0, []]);
    assert.ok(same.positions > 10);
    assert.equal(gpu.counts.opened, gpu.counts.disposed);
    const cancelled = new AbortController();
    cancelled.abort();
    await assert.rejects(
      engine.handlers.compareBackends({ against: "webgpu" }, { ...call, signal: cancelled.signal }),
      { name: "AbortError" },
    );
    assert.equal(gpu.counts.opened, gpu.counts.disposed);
    gpu.card = undefined;
    await assert.rejects(engine.handlers.compareBackends({ against: "webgpu" }, call), BackendUnavailableError);
  });
});
