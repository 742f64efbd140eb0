import assert from "node:assert/strict";
import { EngineClient } from "../../../../src/engine/client";
import { EngineError } from "../../../../src/engine/errors";
import { spawnWithFallback } from "../../../../src/engine/fallback/fallbackLink";
import type { OpenOptions } from "../../../../src/engine/protocol";
import { ModelFileError } from "../../../../src/formats/errors";
import { InputError } from "../../../../src/generation/errors";
import type { GenerationResult } from "../../../../src/generation/request";
import { BackendUnavailableError, ComputeError } from "../../../../src/gpt2/errors";
import { ScriptedEngine } from "../../../fixtures/scriptedEngine";

const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
const request = { prompt: "const a = 1;\n", maxTokens: 4, sampling };
const lost = () => Promise.reject(new BackendUnavailableError("The graphics device was lost."));
const result = (text: string, finish: GenerationResult["finish"] = "length") =>
  ({ text, finish, timings: {} }) as GenerationResult;
const says = (text: string) => () => Promise.resolve(result(text));
/** Ends with the cancellation of the call. */
const untilCancelled: NonNullable<ScriptedEngine["script"]["generate"]> = (_, { signal }) =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(result("", "cancelled"));
    signal.addEventListener("abort", () => resolve(result("", "cancelled")));
  });

interface Setup {
  /** The engines that start on the GPU, in this order; a failure to start is an error. */
  readonly gpu?: readonly (ScriptedEngine | Error)[];
  readonly worker?: ScriptedEngine;
  readonly open?: Partial<OpenOptions>;
}

/** A client over both engines, and what happens with them. */
function start({ gpu = [], worker = new ScriptedEngine("kernels", { generate: says("worker") }), open }: Setup) {
  const clock = { minutes: 0 };
  const started: string[] = [];
  const left = { count: 0 };
  const warnings: string[] = [];
  const onGpu = [...gpu];
  const spawn = spawnWithFallback({
    startOnGpu: () => {
      started.push("gpu");
      const next = onGpu.shift() ?? new BackendUnavailableError("There is no other.");
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next.link());
    },
    leaveGpu: () => left.count++,
    startInWorker: () => {
      started.push("worker");
      return Promise.resolve(worker.link());
    },
    now: () => clock.minutes * 60_000,
  });
  const location = { kind: "path", path: "model" } as const;
  const client = new EngineClient({
    spawn,
    model: () =>
      Promise.resolve({ location, backend: "webgpu", precision: "f16", threads: 0, cacheFolder: "", ...open }),
    log: { info: () => undefined, warn: (text) => warnings.push(text), error: () => undefined },
  });
  const dispose = () => client[Symbol.asyncDispose]();
  return { client, clock, started, left, warnings, worker, [Symbol.asyncDispose]: dispose };
}

/** Lets everything happen that is under way. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
}

describe("the engine with and without WebGPU behind one link", () => {
  it("runs on the GPU, and the worker is not started", async () => {
    const gpu = new ScriptedEngine("webgpu", { generate: says("gpu") });
    const { client, started } = start({ gpu: [gpu] });
    assert.equal((await client.generate(request)).text, "gpu");
    await client[Symbol.asyncDispose]();
    assert.deepEqual(started, ["gpu"]);
    assert.ok(gpu.disposed);
  });

  it("runs in the worker with any other backend, and nothing is started on the GPU", async () => {
    await using both = start({ open: { backend: "auto", precision: "f32" } });
    const { client, started, worker } = both;
    assert.equal((await client.generate(request)).text, "worker");
    assert.deepEqual(started, ["worker"]);
    assert.equal(worker.opened[0]?.backend, "auto");
  });

  it("opens in the worker, in a precision that works there, when nothing starts on the GPU", async () => {
    await using both = start({ gpu: [new BackendUnavailableError("The tab was closed.")] });
    const { client, warnings, worker } = both;
    const { info } = await client.describe();
    assert.equal(info.backend, "kernels");
    assert.deepEqual([worker.opened[0]?.backend, worker.opened[0]?.precision], ["auto", "int8"]);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /webgpu is not used\. The tab was closed\. .* kernels in int8/);
  });

  it("opens in the worker when there is no adapter, and says so once for all starts", async () => {
    const noAdapter = () => Promise.reject(new BackendUnavailableError("WebGPU found no graphics adapter."));
    const engines = [1, 2].map(() => new ScriptedEngine("webgpu", { open: noAdapter }));
    await using both = start({ gpu: engines });
    const { client, warnings } = both;
    assert.equal((await client.generate(request)).text, "worker");
    assert.ok(engines[0]?.disposed);
    await client.restart();
    assert.equal((await client.describe()).info.backend, "kernels");
    assert.deepEqual([warnings.length, engines[1]?.calls], [1, ["open"]]);
  });

  it("opens in the worker whatever goes wrong on the GPU, but not when the model itself is at fault", async () => {
    const failing = (error: Error) => new ScriptedEngine("webgpu", { open: () => Promise.reject(error) });
    await using both = start({ gpu: [failing(new ComputeError("ONNX Runtime could not prepare the model."))] });
    assert.equal((await both.client.generate(request)).text, "worker");

    await using damaged = start({ gpu: [failing(new ModelFileError("The model is damaged."))] });
    await assert.rejects(damaged.client.generate(request), ModelFileError);
    assert.deepEqual(damaged.started, ["gpu"]);
  });

  it("answers a request in the worker whose device was lost in the middle", async () => {
    await using both = start({
      gpu: [new ScriptedEngine("webgpu", { generate: (_, { onProgress }) => (onProgress("half a te"), lost()) })],
      worker: new ScriptedEngine("kernels", {
        generate: (_, { onProgress }) => (onProgress("a text"), Promise.resolve(result("a text"))),
      }),
    });
    const { client, warnings } = both;
    const states: string[] = [];
    client.onDidChangeState((state) => states.push(state.kind === "ready" ? state.model.info.backend : state.kind));
    const texts: string[] = [];
    assert.equal((await client.generate(request, { onText: (text) => texts.push(text) })).text, "a text");
    assert.deepEqual(texts, ["half a te", "a text"]);
    assert.deepEqual(
      states.filter((state) => state !== "loading"),
      ["webgpu", "kernels"],
    );
    assert.equal(warnings.length, 1);
  });

  it("answers all requests in the worker when the page is closed, and opens the model once for them", async () => {
    const gpu = new ScriptedEngine("webgpu", { generate: untilCancelled });
    await using both = start({ gpu: [gpu] });
    const { client, worker, warnings } = both;
    const pending = [client.generate(request), client.generate(request)];
    await settle();
    assert.deepEqual(gpu.calls, ["open", "generate", "generate"]);
    gpu.die("The tab was closed.");
    assert.deepEqual(
      (await Promise.all(pending)).map(({ text }) => text),
      ["worker", "worker"],
    );
    assert.equal(worker.opened.length, 1);
    assert.equal(warnings.length, 1);
    assert.equal(client.state.kind, "ready");
  });

  it("answers the next request in the worker when the page is closed between two", async () => {
    const gpu = new ScriptedEngine("webgpu", { generate: says("gpu") });
    await using both = start({ gpu: [gpu] });
    const { client } = both;
    await client.generate(request);
    gpu.die("The tab was closed.");
    assert.equal((await client.generate(request)).text, "worker");
  });

  it("falls back when the page is closed while the model opens", async () => {
    const gpu = new ScriptedEngine("webgpu", { open: () => new Promise(() => undefined) });
    await using both = start({ gpu: [gpu] });
    const { client } = both;
    const generated = client.generate(request);
    await settle();
    gpu.die("The tab was closed.");
    assert.equal((await generated).text, "worker");
  });

  it("passes a cancellation on to the engine that answers after a loss", async () => {
    const gpu = new ScriptedEngine("webgpu", { generate: untilCancelled });
    await using both = start({ gpu: [gpu], worker: new ScriptedEngine("kernels", { generate: untilCancelled }) });
    const { client } = both;
    const cancel = new AbortController();
    const generated = client.generate(request, { signal: cancel.signal });
    await settle();
    gpu.die("The tab was closed.");
    await settle();
    cancel.abort();
    assert.equal((await generated).finish, "cancelled");
  });

  it("does not take a wrong request, or a copy of the model that has no room, for a loss", async () => {
    const gpu = new ScriptedEngine("webgpu", {
      generate: () => Promise.reject(new InputError("The prompt is empty.")),
      checkpoints: () => Promise.reject(new BackendUnavailableError("The graphics memory is full.")),
    });
    await using both = start({ gpu: [gpu] });
    const { client, started } = both;
    await assert.rejects(client.generate(request), InputError);
    await assert.rejects(client.checkpoints({}), /memory is full/);
    await assert.rejects(client.generate(request), InputError);
    assert.deepEqual(started, ["gpu"]);
  });

  it("goes back to the GPU later, twice as late after each further failure, and ends the worker", async () => {
    const back = new ScriptedEngine("webgpu", { generate: says("gpu") });
    const noDevice = new BackendUnavailableError("No device.");
    await using both = start({ gpu: [noDevice, noDevice, back] });
    const { client, clock, started, left, worker, warnings } = both;
    const generateAt = async (minutes: number) => {
      clock.minutes = minutes;
      const { text } = await client.generate(request);
      await settle();
      return text;
    };
    assert.equal(await generateAt(0), "worker");
    await generateAt(4);
    assert.deepEqual(started, ["gpu", "worker"]);
    await generateAt(6);
    assert.deepEqual(started, ["gpu", "worker", "gpu"]);
    await generateAt(15);
    assert.equal(started.length, 3);
    assert.equal(left.count, 2);
    assert.equal(await generateAt(17), "worker", "the request itself does not wait for it");
    assert.equal(await generateAt(18), "gpu");
    assert.equal(left.count, 2);
    assert.ok(worker.disposed && !back.disposed);
    assert.equal(client.state.kind === "ready" && client.state.model.info.backend, "webgpu");
    assert.equal(warnings.length, 1);
  });

  it("does not end the worker under a request when it goes back to the GPU", async () => {
    let finish: (text: string) => void = () => undefined;
    const slow = new Promise<GenerationResult>((resolve) => (finish = (text) => resolve(result(text))));
    const worker = new ScriptedEngine("kernels", { generate: () => slow, complete: says("worker") });
    const gpu = new ScriptedEngine("webgpu", { complete: says("gpu") });
    await using both = start({ gpu: [new BackendUnavailableError("No device."), gpu], worker });
    const { client, clock } = both;
    const generated = client.generate(request);
    await settle();
    clock.minutes = 6;
    const prompt = { header: "", prefix: "a", suffix: "" };
    const completion = { prompt, stop: "none", maxTokens: 4, sampling, healing: false } as const;
    assert.equal((await client.complete(completion)).text, "worker");
    await settle();
    assert.equal((await client.complete(completion)).text, "gpu");
    assert.ok(!worker.disposed);
    finish("slow");
    assert.equal((await generated).text, "slow");
    await settle();
    assert.ok(worker.disposed);
  });

  it("stops when the worker cannot open the model either: no request repeats that without end", async () => {
    const gpu = new ScriptedEngine("webgpu", { generate: lost });
    const worker = new ScriptedEngine("kernels", { open: () => Promise.reject(new Error("The memory is full.")) });
    await using both = start({ gpu: [gpu], worker });
    const { client, started, warnings } = both;
    await assert.rejects(client.generate(request), EngineError);
    assert.match(warnings.join(), /stopped unexpectedly \(The graphics device was lost\. The memory is full\.\)/);
    assert.deepEqual(started, ["gpu", "worker"]);
    assert.ok(gpu.disposed && worker.disposed);
    await assert.rejects(client.generate(request), /memory is full/);
    assert.equal(client.state.kind, "failed");
  });

  it("ends an engine that starts while it is closed itself", async () => {
    const gpu = new ScriptedEngine("webgpu");
    const { client } = start({ gpu: [gpu] });
    const described = client.describe();
    described.catch(() => undefined);
    while (gpu.calls.length === 0) await new Promise(setImmediate);
    await client[Symbol.asyncDispose]();
    await assert.rejects(described, /stopped/);
    assert.ok(gpu.disposed);
  });
});
