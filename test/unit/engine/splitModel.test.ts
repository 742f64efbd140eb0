import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { nodePlatform } from "../../../src/engine/host/nodePlatform";
import type { OpenOptions } from "../../../src/engine/protocol";
import { EngineService } from "../../../src/engine/service";
import { ComputeError } from "../../../src/gpt2/errors";
import { bundledModel, engineInThread } from "../../fixtures/engine";
import { writeSafetensorsModel } from "../../fixtures/safetensorsWriter";

const greedy = { temperature: 0, topK: 0, topP: 1, seed: 0 };
const never = () => ({ signal: new AbortController().signal, onProgress: () => undefined });
const request = {
  prompt: { header: "// src/cart.ts\n", prefix: "export function total(items: Item[]) {\n  return ", suffix: "\n}\n" },
  maxTokens: 12,
  stop: "none",
  healing: true,
  sampling: greedy,
} as const;

describe("the engine with a model that is split", () => {
  const split = bundledModel({ deviceMap: "kernels:2,kernels:6,kernels:4", threads: 2 });

  it("completes, with alternatives, and writes several texts as with the whole model", async () => {
    const results = async (open: OpenOptions) => {
      await using engine = engineInThread(open);
      const { text } = await engine.complete(request);
      const alternatives = await engine.alternatives({
        ...request,
        stop: "line",
        samplings: [0, 1, 2].map((seed) => ({ ...greedy, temperature: 0.8, seed })),
      });
      const texts = ["let a", "def b"].map((prompt, seed) => ({
        prompt,
        sampling: { ...greedy, temperature: 1, seed },
      }));
      const several = await engine.generateSeveral({ texts, maxTokens: 8 });
      return {
        text,
        alternatives: alternatives.map(({ text }) => text),
        several: several.texts.map(({ text }) => text),
        cachedTokens: (await engine.complete(request)).timings.cachedTokens,
      };
    };
    const whole = await results(bundledModel());
    assert.ok(whole.text.length > 0 && new Set(whole.several).size === 2);
    assert.deepEqual(await results(split), whole);
  });

  it("stops when it is cancelled, and goes on with what it has computed", async () => {
    await using engine = engineInThread(split);
    const stop = new AbortController();
    const long = { ...request, maxTokens: 200 };
    const { finish, text } = await engine.complete(long, { signal: stop.signal, onText: () => stop.abort() });
    assert.equal(finish, "cancelled");
    assert.ok(text.length > 0);
    const { timings } = await engine.complete(request);
    assert.ok(timings.cachedTokens > 20, `${timings.cachedTokens} tokens were cached`);
  });

  it("says in the log how it is split", async () => {
    const lines: string[] = [];
    await using engine = engineInThread(split, { info: (line) => lines.push(line) });
    await engine.describe();
    assert.match(lines.join("\n"), /split over 3 heaps: 2 layers on kernels .*, 6 layers on kernels .*, 4 layers on/);
  });

  it("passes the checkpoints", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "gpt2-split-"));
    try {
      await writeSafetensorsModel(folder, "gpt2-tiny");
      const platform = nodePlatform(path.resolve("node_modules/onnxruntime-web/dist"));
      await using engine = new EngineService(platform);
      const location = { kind: "path", path: folder } as const;
      const deviceMap = "onnxruntime:1,onnxruntime:1";
      await engine.open({ location, deviceMap, precision: "f32", threads: 1, cacheFolder: undefined });
      const { checkpoints } = await engine.handlers.checkpoints({}, never());
      assert.deepEqual(
        checkpoints.filter(({ status }) => status !== "passed").map(({ name }) => name),
        [],
      );
      assert.equal(checkpoints.length, 12);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("refuses a device map that does not fit the model", async () => {
    await using engine = new EngineService(nodePlatform(path.resolve("node_modules/onnxruntime-web/dist")));
    await assert.rejects(engine.open(bundledModel({ deviceMap: "3,4" })), (error: unknown) => {
      return error instanceof ComputeError && error.message.includes("counts 7 layers, and the model has 12");
    });
    await assert.rejects(
      engine.open(bundledModel({ deviceMap: "tpu:6" })),
      /“tpu:6” in the device map is not understood/,
    );
  });
});
