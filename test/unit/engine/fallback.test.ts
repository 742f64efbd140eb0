import assert from "node:assert/strict";
import { CurrentModel } from "../../../src/engine/currentModel";
import { nodePlatform } from "../../../src/engine/host/nodePlatform";
import type { EnginePlatform } from "../../../src/engine/platform";
import type { ModelDescription } from "../../../src/engine/protocol";
import { EngineService } from "../../../src/engine/service";
import { BackendUnavailableError } from "../../../src/gpt2/errors";
import { bundledModel } from "../../fixtures/engine";
import { GpuStandIn } from "../../fixtures/gpuStandIn";

const call = { signal: new AbortController().signal, onProgress: () => undefined };
const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
const prompt = { header: "// src/add.ts\n", prefix: "function add(a, b) {\n  return ", suffix: "" };
const request = { prompt, stop: "none", maxTokens: 6, sampling, healing: false } as const;

function losablePlatform() {
  const node = nodePlatform("node_modules/onnxruntime-web/dist");
  const [kernels] = node.backends;
  assert.ok(kernels);
  const gpu = new GpuStandIn(kernels);
  const platform: EnginePlatform = { ...node, backends: [...node.backends.filter(({ id }) => id !== "webgpu"), gpu] };
  return { gpu, platform };
}

function losableEngine() {
  const { gpu, platform } = losablePlatform();
  const warnings: string[] = [];
  const reopened: ModelDescription[] = [];
  const engine = new EngineService(
    platform,
    (message) => warnings.push(message),
    (description) => reopened.push(description),
  );
  return { engine, gpu, warnings, reopened };
}

describe("a backend that is lost", () => {
  const options = bundledModel({ backend: "webgpu" });

  it("is replaced when the model is opened, and said to be so", async () => {
    const { engine, gpu, warnings } = losableEngine();
    await using opened = engine;
    gpu.isLost = true;
    const { info } = await opened.open(options);
    assert.equal(info.backend, "kernels");
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /webgpu is not used\. The graphics device was lost\. .* kernels in int8/);
  });

  it("is replaced in the middle of a request, which gives the same text as without the loss", async () => {
    const { engine, gpu, warnings, reopened } = losableEngine();
    await using opened = engine;
    await opened.open(options);
    const { text: expected } = await opened.handlers.complete(request, call);
    assert.ok(expected.length > 0);
    gpu.stepsLeft = 1;
    const longer = { ...request, prompt: { ...prompt, prefix: `// a\n${prompt.prefix}` } };
    const { text } = await opened.handlers.complete(longer, call);
    assert.ok(gpu.isLost && gpu.counts.disposed === 1);
    assert.equal(reopened.at(-1)?.info.backend, "kernels");
    assert.equal(opened.stats().model?.info.backend, "kernels");
    const { engine: plain } = losableEngine();
    await using kernels = plain;
    await kernels.open(bundledModel({ backend: "kernels" }));
    assert.equal(text, (await kernels.handlers.complete(longer, call)).text);
    await opened.handlers.complete(request, call);
    assert.equal(warnings.length, 1, "it is said once");
    assert.equal(gpu.counts.tried, 1, "it is not tried again at once");
  });

  it("is also replaced for a request that had let the one go first which noticed", async () => {
    const { engine, gpu } = losableEngine();
    await using opened = engine;
    await opened.open(options);
    const generating = opened.handlers.generate({ prompt: "const a = 1;\n", maxTokens: 12, sampling }, call);
    gpu.stepsLeft = 3;
    const [generated, completed] = await Promise.all([generating, opened.handlers.complete(request, call)]);
    assert.ok(generated.text.length > 0 && completed.text.length > 0);
  });

  it("is tried again later, and used again once it is back", async () => {
    const { gpu, platform } = losablePlatform();
    let minutes = 0;
    const reopened: string[] = [];
    await using current = new CurrentModel({
      platform,
      warn: () => undefined,
      onReopened: ({ info }) => reopened.push(info.backend),
      now: () => minutes * 60_000,
    });
    gpu.isLost = true;
    await current.open(options);
    const retry = () => current.retry((task) => task());
    await retry();
    assert.equal(gpu.counts.tried, 1);
    minutes = 6;
    await retry();
    assert.equal(gpu.counts.tried, 2);
    gpu.isLost = false;
    minutes = 12;
    await retry();
    assert.equal(gpu.counts.tried, 2, "the second wait is twice as long");
    minutes = 17;
    const before = current.need();
    const close = before[Symbol.asyncDispose].bind(before);
    before[Symbol.asyncDispose] = () => Promise.resolve(close()).then(() => Promise.reject(new Error("broken")));
    await retry();
    assert.deepEqual(reopened, ["webgpu"], "even if the model before does not close");
    assert.equal(current.need().description.info.backend, "webgpu");
  });

  it("is not taken for lost where a device map has another backend for the first layers", async () => {
    const node = nodePlatform("node_modules/onnxruntime-web/dist");
    let opened = 0;
    const openFiles: EnginePlatform["openFiles"] = (location) => {
      opened++;
      return node.openFiles(location);
    };
    let minutes = 0;
    await using current = new CurrentModel({
      platform: { ...node, openFiles },
      warn: () => undefined,
      onReopened: () => undefined,
      now: () => minutes * 60_000,
    });
    await current.open(bundledModel({ backend: "onnxruntime", deviceMap: "kernels:11,onnxruntime:1" }));
    assert.ok(opened > 0);
    opened = 0;
    minutes = 60;
    await current.retry((task) => task());
    assert.equal(opened, 0);
  });

  it("does not take the place of a model that was opened while it was tried again", async () => {
    const { gpu, platform } = losablePlatform();
    let minutes = 0;
    const reopened: string[] = [];
    await using current = new CurrentModel({
      platform,
      warn: () => undefined,
      onReopened: ({ info }) => reopened.push(info.backend),
      now: () => minutes * 60_000,
    });
    gpu.isLost = true;
    await current.open(options);
    gpu.isLost = false;
    minutes = 6;
    let opened: unknown;
    await current.retry(async (task) => {
      opened = await current.open({ ...options, backend: "kernels" });
      await task();
    });
    assert.equal(current.need(), opened);
    assert.equal(gpu.counts.disposed, 1, "the one that came too late is closed");
    assert.deepEqual(reopened, []);
  });

  it("is an error when nothing else can run the model", async () => {
    const { gpu } = losableEngine();
    gpu.isLost = true;
    const platform = { ...nodePlatform("."), backends: [gpu] };
    await using engine = new EngineService(platform);
    await assert.rejects(engine.open(options), BackendUnavailableError);
  });
});
