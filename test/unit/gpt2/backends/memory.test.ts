import assert from "node:assert/strict";
import { once } from "node:events";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Worker } from "node:worker_threads";
import { ComputeError } from "../../../../src/gpt2/errors";
import { ContextOverflowError, type LanguageModel } from "../../../../src/gpt2/languageModel";
import { ortBackend } from "../../../../src/gpt2/backends/ort/backend";
import { nodeOrtLoader } from "../../../../src/gpt2/backends/ort/nodeOrtLoader";
import { OrtRuntime } from "../../../../src/gpt2/backends/ort/ortRuntime";
import { assertSameNumbers } from "../../../fixtures/difference";
import { greedy, maxDifference, openTestModel, testLoader, type TestModelOptions } from "../../../fixtures/runtime";
import { oracleConfig, randomWeights } from "../../../fixtures/syntheticModel";

const config = { ...oracleConfig("gpt2-tiny"), vocabSize: 600, contextLength: 1100 };
const tokens = Array.from({ length: 1100 }, (_, i) => (i * 7919 + 13) % config.vocabSize);

describe("the memory of a GPT-2 session", () => {
  it("computes the same after its cache has grown, moved and been copied", async () => {
    await using model = await open();
    const slot = await model.acquire(tokens.slice(0, 500));
    await model.forward(slot, tokens.slice(0, 500));
    const logits = (await model.forward(slot, tokens.slice(500, 600))).slice();
    await model.forward(slot, tokens.slice(600, 1100));
    await assert.rejects(model.forward(slot, [1]), ContextOverflowError);
    const copied = await model.acquire(tokens.slice(0, 501));
    assert.notEqual(copied.id, slot.id);
    assert.equal(copied.tokens.length, 500);
    assert.ok(maxDifference(await model.forward(copied, tokens.slice(500, 600)), logits) === 0);
    await using fresh = await open();
    const alone = await fresh.acquire(tokens.slice(0, 600));
    assert.ok(maxDifference(await fresh.forward(alone, tokens.slice(0, 600)), logits) < 1e-4);
  });

  it("opens models whose tensors are tiny", async () => {
    for (const [width, heads, layers] of [
      [1, 1, 2],
      [2, 1, 2],
      [6, 1, 2],
      [7, 1, 2],
      [8, 2, 2],
      [4, 1, 40],
    ] as const) {
      const shape = { width, heads, kvHeads: heads, layers, innerWidth: 4 * width, vocabSize: 40, contextLength: 16 };
      await using tiny = await openTestModel(randomWeights({ ...config, ...shape }), {
        backend: "onnxruntime",
        precision: "f32",
        threads: 1,
      });
      assert.equal((await greedy(tiny, [5], 3)).length, 3);
    }
  });

  it("refuses weights that cannot fit before it reads any", async () => {
    const huge = { ...config, width: 1600, heads: 25, kvHeads: 25, layers: 48, innerWidth: 6400, vocabSize: 50257 };
    const weights = { ...randomWeights(huge), read: () => Promise.reject(new Error("It was read.")) };
    await assert.rejects(
      openTestModel(weights, { backend: "onnxruntime", precision: "f32", threads: 1 }),
      (error) => error instanceof ComputeError && /weights take \d+ MB, and.* ends at 4096 MB/.test(error.message),
    );
  });

  it("lets go of a module that was disposed", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const load = async () => {
      const instance = await testLoader(2);
      const reference = new WeakRef(instance.module);
      instance[Symbol.dispose]();
      return reference;
    };
    const reference = await load();
    for (let i = 0; i < 20 && reference.deref() !== undefined; i++) {
      await setTimeout(20);
      collect();
    }
    assert.equal(reference.deref(), undefined);
  });

  it("writes the cache in place", async () => {
    await using model = await open();
    const slot = await model.acquire(tokens.slice(0, 40));
    await model.forward(slot, tokens.slice(0, 40));
    const [before] = model.slots();
    const heap = model.heapBytes;
    for (let i = 40; i < 60; i++) await model.forward(slot, tokens.slice(i, i + 1));
    assert.equal(model.slots().length, 1);
    assert.equal(model.slots()[0]?.bytes, before?.bytes);
    assert.equal(model.heapBytes, heap);
  });

  for (const precision of ["f32", "int8"] as const) {
    it(`writes no row of the cache after those of the step, in ${precision}`, async () => {
      await using model = await open({ precision });
      const text = tokens.slice(0, 60);
      const slot = await model.acquire([...text, 1]);
      await model.forward(slot, text);
      const expected = (await model.forward(slot, [1])).slice();
      model.rewind(slot, 60);
      slot[Symbol.dispose]();

      // Disposing this slot restores the one row that its step is known to write; any other row would stay damaged.
      const look = await model.acquire([...text.slice(0, 40), 7], "look");
      assert.equal(look.id, slot.id);
      await model.forward(look, [7]);
      look[Symbol.dispose]();

      const again = await model.acquire([...text, 1]);
      assert.deepEqual(again.tokens, text);
      assertSameNumbers(await model.forward(again, [1]), expected);
    });
  }

  it("answers as before after another sequence evicted it from a small budget", async () => {
    await using model = await open({ cacheBudgetBytes: 1 });
    const expected = await greedy(model, [5, 6, 7], 8);
    await greedy(model, [300, ...tokens.slice(0, 100)], 4);
    assert.equal(model.slots().length, 1);
    assert.deepEqual(await greedy(model, [5, 6, 7], 8), expected);
  });

  it("refuses a disposed slot", async () => {
    await using model = await open({ cacheBudgetBytes: 1 });
    const slot = await model.acquire(tokens.slice(0, 100));
    await model.forward(slot, tokens.slice(0, 100));
    slot[Symbol.dispose]();
    await greedy(model, [1, 2], 1);
    await assert.rejects(model.forward(slot, [1]), ComputeError);
  });

  it("keeps the heap flat over hundreds of steps in many slots", async () => {
    await using model = await open({ cacheBudgetBytes: 3 * 2 ** 20 });
    let heap = 0;
    for (let round = 0; round < 30; round++) {
      const start = (round * 97) % 500;
      const text = tokens.slice(start, start + 200 + ((round * 131) % 400));
      const slot = await model.acquire(text);
      await model.forward(slot, text.slice(slot.tokens.length));
      for (let i = 0; i < 10; i++) await model.forward(slot, [i]);
      slot[Symbol.dispose]();
      if (round === 15) heap = model.heapBytes;
    }
    assert.equal(model.heapBytes, heap);
  });

  it("ends its threads when it is disposed", async () => {
    const exits: Promise<unknown>[] = [];
    const watch = (worker: Worker) => exits.push(once(worker, "exit"));
    process.on("worker", watch);
    const model = await openTestModel(randomWeights(config), {
      precision: "int8",
      threads: 2,
      backend: "onnxruntime",
    });
    process.off("worker", watch);
    assert.equal(model.info.threads, 2);
    assert.equal(exits.length, 1);
    await greedy(model, [1, 2, 3], 2);
    await model[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    await Promise.all(exits);
    assert.equal("Worker" in globalThis, false);
  });

  it("has threads of its own when several load at once, and leaves the global object alone", async () => {
    const started: Worker[] = [];
    const watch = (worker: Worker) => started.push(worker);
    process.on("worker", watch);
    const [first, second] = await Promise.all([testLoader(2), testLoader(2)]);
    process.off("worker", watch);
    const [threadOfFirst, threadOfSecond] = started;
    assert.ok(threadOfFirst && threadOfSecond && started.length === 2);
    assert.equal("Worker" in globalThis, false);
    const ends = [threadOfFirst, threadOfSecond].map((thread) => once(thread, "exit"));
    first[Symbol.dispose]();
    await ends[0];
    assert.ok(threadOfSecond.threadId > 0, "the other one's thread goes on");
    second[Symbol.dispose]();
    await ends[1];
  });

  it("gives all of the heap back when it is disposed", async () => {
    using runtime = await OrtRuntime.load(testLoader, 1);
    const shared = () => Promise.resolve({ module: runtime.module, threads: 1, [Symbol.dispose]: () => undefined });
    let heap = 0;
    for (let i = 0; i < 5; i++) {
      const model = await ortBackend(shared).open(randomWeights({ ...config, vocabSize: 20_000 }), {
        precision: "f32",
        threads: 1,
      });
      await greedy(model, tokens.slice(0, 300), 2);
      await model[Symbol.asyncDispose]();
      if (i === 1) heap = runtime.heapBytes;
    }
    assert.equal(runtime.heapBytes, heap);
  });

  it("says what is wrong when its files are missing", async () => {
    const loader = nodeOrtLoader(path.resolve("test/fixtures"));
    await assert.rejects(
      ortBackend(loader).open(randomWeights(config), { precision: "f32", threads: 1 }),
      ComputeError,
    );
  });

  it("says what is wrong when memory runs out", async () => {
    using runtime = await OrtRuntime.load(testLoader, 1);
    assert.throws(() => runtime.allocate(2 ** 32 - 2 ** 16), /smaller model/);
  });
});

function open(options: Partial<TestModelOptions> = {}): Promise<LanguageModel> {
  return openTestModel(randomWeights(config), { precision: "f32", threads: 1, ...options });
}
