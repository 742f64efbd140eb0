import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { EngineClient } from "../../../src/engine/client";
import { EngineError } from "../../../src/engine/errors";
import { spawnEngine } from "../../../src/engine/host/node";
import type { ToWorker } from "../../../src/engine/protocol";
import type { WorkerLink } from "../../../src/engine/workerLink";
import { ModelFileError } from "../../../src/formats/errors";
import type { CompletionRequest } from "../../../src/generation/request";

const request: CompletionRequest = {
  prompt: { header: "# count.py\n", prefix: "import os\nimport sys\n\nfor line in sys.st", suffix: "" },
  stop: "line",
  maxTokens: 16,
  sampling: { temperature: 0, topK: 0, topP: 1, seed: 0 },
  healing: true,
};

/** The engine in its real worker thread, as the extension host starts it. */
describe("the engine's worker thread", () => {
  let client: EngineClient;
  let link: WorkerLink | undefined;
  let model: string;
  let deviceMap: string;
  let precision: "int8" | "int4";
  let folder: string;
  let warnings: string[];

  beforeEach(() => {
    model = "models/gpt2-code-mini";
    deviceMap = "auto";
    precision = "int8";
    folder = path.resolve("dist");
    warnings = [];
    client = new EngineClient({
      spawn: async () => (link = await spawnEngine({ folder, read: () => Promise.reject(new Error()) })),
      model: () =>
        Promise.resolve({
          location: { kind: "path" as const, path: model },
          deviceMap,
          precision,
          threads: 1,
          cacheFolder: undefined,
        }),
      log: { info: () => undefined, warn: (message) => warnings.push(message), error: () => undefined },
    });
  });
  afterEach(() => client[Symbol.asyncDispose]());

  /** Ends the worker as a fault inside would: by an error that nothing catches. */
  function crash(): void {
    link?.post(null as unknown as ToWorker);
  }

  it("completes, from the cache the second time, with text as it grows", async () => {
    const texts: string[] = [];
    const first = await client.complete(request, { onText: (text) => texts.push(text) });
    assert.notEqual(first.text.trim(), "");
    assert.ok(texts.length > 0 && first.text.startsWith(texts[0] ?? "?"));
    const second = await client.complete(request);
    assert.equal(second.text, first.text);
    assert.ok(second.timings.cachedTokens >= second.timings.promptTokens - 1);
    assert.equal((await client.stats())?.recent.length, 2);
  });

  it("says how the editor gets 4 bits where it is installed without its packages", async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gpt2-installed-"));
    try {
      await copyFile("dist/worker.js", path.join(folder, "worker.js"));
      precision = "int4";
      await client.complete(request);
      assert.equal((await client.stats())?.model?.info.precision, "int8");
      assert.deepEqual(warnings, [
        "The backend webgpu is not used. WebGPU, which the precisions int4 and f16 need, runs only with the setting gpt2.backend at webgpu. " +
          "The model runs on kernels in int8 instead.",
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("stops a request that is cancelled, and keeps what it computed", async () => {
    const stop = new AbortController();
    const sampling = { ...request.sampling, temperature: 0.8 };
    const cancelled = client.generate(
      { prompt: "def main(argv):\n", maxTokens: 10_000, sampling },
      { signal: stop.signal, onText: (text) => text.length > 20 && stop.abort() },
    );
    const result = await cancelled;
    assert.equal(result.finish, "cancelled");
    assert.ok(result.text.length > 20 && result.tokens.length < 10_000);
  });

  it("answers a keystroke while Generate goes on", async () => {
    const order: string[] = [];
    const generated = client
      .generate({ prompt: "class Cart:\n", maxTokens: 120, sampling: request.sampling })
      .then(() => order.push("generate"));
    await client.complete(request).then(() => order.push("complete"));
    await generated;
    assert.deepEqual(order, ["complete", "generate"]);
  });

  it("comes back after a crash; a second one in a row is a failure until the restart", async () => {
    const { text } = await client.complete(request);
    const pending = client.generate({ prompt: "x = ", maxTokens: 10_000, sampling: request.sampling });
    crash();
    await assert.rejects(pending, EngineError);
    assert.equal((await client.complete(request)).text, text);

    crash();
    await new Promise<void>((resolve) => client.onDidChangeState(() => resolve()));
    await client.describe();
    crash();
    await new Promise<void>((resolve) => client.onDidChangeState(() => resolve()));
    assert.equal(client.state.kind, "failed");
    await assert.rejects(client.complete(request), /twice in a row/);

    await client.restart();
    assert.equal((await client.complete(request)).text, text);
  });

  it("completes with a model whose parts are in workers as with the whole one", async () => {
    const { text } = await client.complete(request);
    deviceMap = "4,4,4";
    await client.restart();
    const { info } = await client.describe();
    assert.equal(info.parts?.length, 3);
    assert.equal((await client.complete(request)).text, text);
    assert.ok((await client.complete(request)).timings.cachedTokens > 10);
  });

  it("says what is wrong with a model, and opens a better one after a restart", async () => {
    model = "models/none.gguf";
    await assert.rejects(
      client.describe(),
      (error) => error instanceof ModelFileError && error.message.includes("none.gguf"),
    );
    assert.equal(client.state.kind, "failed");
    model = "models/gpt2-code-mini";
    await client.restart();
    assert.equal((await client.describe()).fillInTheMiddle, true);
  });
});
