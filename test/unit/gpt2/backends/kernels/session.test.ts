import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { nodeModelFiles } from "../../../../../src/formats/nodeFiles";
import { checkpointTaps, type CheckpointTensors, tap, type TappedModel } from "../../../../../src/gpt2/taps";
import type { Gpt2Config } from "../../../../../src/gpt2/config/config";
import { Heap } from "../../../../../src/gpt2/backends/kernels/heap";
import { compileKernels, instantiateKernels } from "../../../../../src/gpt2/backends/kernels/module";
import { nodeThreads } from "../../../../../src/gpt2/backends/kernels/nodeThreads";
import { HeapRecord, planFields, schedulerFields } from "../../../../../src/gpt2/backends/kernels/plan";
import { openTappedKernelSession } from "../../../../../src/gpt2/backends/kernels/session";
import { ComputeError } from "../../../../../src/gpt2/errors";
import { ContextOverflowError, type LanguageModel, UnknownTokenError } from "../../../../../src/gpt2/languageModel";
import { openWeights } from "../../../../../src/gpt2/weights/openWeights";
import { prepareWeights } from "../../../../../src/gpt2/weights/preparedWeights";
import type { Gpt2Weights } from "../../../../../src/gpt2/weights/weights";
import { tokenizerFor } from "../../../../../src/tokenizer/tokenizerFor";
import { assertSameNumbers, assertSameTensors } from "../../../../fixtures/difference";
import { oracleGreedy, oracleRuns, oracleTokens } from "../../../../fixtures/oracleTensors";
import { argmax, greedy, openTestModel } from "../../../../fixtures/runtime";
import { oracleConfig, type OracleModel, randomWeights, syntheticWeights } from "../../../../fixtures/syntheticModel";

const small: Gpt2Config = { ...oracleConfig("gpt2-tiny"), vocabSize: 602, contextLength: 300 };
const tokens = Array.from({ length: 300 }, (_, i) => (i * 7919 + 13) % small.vocabSize);

interface Variant {
  readonly threads?: number;
  readonly relaxedSimd?: boolean;
}

async function openKernels(
  { threads = 1, relaxedSimd }: Variant,
  weights = randomWeights(small),
): Promise<TappedModel> {
  const prepared = await prepareWeights(weights, "int8");
  const variant = relaxedSimd === undefined ? {} : { relaxedSimd };
  const options = {
    threads,
    kernelThreads: nodeThreads,
    cacheBudgetBytes: 2 ** 26,
    started: 0,
    ...variant,
  };
  return openTappedKernelSession(weights.config, prepared, options);
}

describe("an int8 session on the kernels", () => {
  it("adds up the powers of its logits", async () => {
    await using model = await openTestModel(randomWeights(small), { precision: "int8", threads: 1 });
    using slot = await model.acquire(tokens.slice(0, 5));
    const logits = await model.forward(slot, tokens.slice(0, 5), 2);
    for (const start of [0, small.vocabSize]) {
      const row = logits.subarray(start, start + small.vocabSize);
      const expected = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
      const found = model.logSumExp?.(row) ?? NaN;
      assert.ok(Math.abs(found - expected) < 1e-5, `${found}, not ${expected}`);
    }
  });

  describe("computes the same bits", () => {
    let expected: CheckpointTensors;
    const taps = checkpointTaps(small);
    const text = tokens.slice(0, 100);
    const pass = async (model: TappedModel) => {
      const slot = await model.acquire(text);
      await model.forward(slot, text.slice(0, 90), 0);
      return model.forwardTapped(slot, text.slice(90), taps);
    };
    before(async () => {
      await using model = await openKernels({ relaxedSimd: false });
      expected = await pass(model);
    });
    for (const variant of [
      { threads: 2, relaxedSimd: false },
      { threads: 3, relaxedSimd: true },
      { threads: 1, relaxedSimd: true },
    ]) {
      const { threads, relaxedSimd } = variant;
      it(`on ${threads} threads, ${relaxedSimd ? "with" : "without"} relaxed SIMD`, async () => {
        await using model = await openKernels(variant);
        assert.equal(model.info.threads, threads);
        assertSameTensors(await pass(model), expected);
      });
    }

    it("on more threads than there are processors, step after step", async () => {
      await using many = await openKernels({ threads: 5 });
      await using one = await openKernels({ threads: 1 });
      const models = await Promise.all(
        [many, one].map(async (model) => ({ model, slot: await model.acquire(tokens) })),
      );
      for (let step = 0; step < 400; step++) {
        const past = (step * 37) % 250;
        const run = tokens.slice(past, past + 1 + ((step * 5) % 7));
        const logits: Float32Array[] = [];
        for (const { model, slot } of models) {
          model.rewind(slot, past);
          if (slot.tokens.length < past) await model.forward(slot, tokens.slice(slot.tokens.length, past), 0);
          logits.push(await model.forward(slot, run, step % 3));
        }
        assertSameNumbers(logits[0], logits[1], `step ${step}`);
      }
    });

    it("for a token alone as for a token in any step, logits and cache", async () => {
      await using model = await openKernels({ threads: 2 });
      const whole = await model.acquire(tokens);
      const logits = (await model.forward(whole, tokens.slice(0, 200), 200)).slice();
      const wholeStep = await model.forwardTapped(whole, [7], [tap.cachedKeys(1), tap.cachedValues(1)]);
      const single = await model.acquire([599]);
      const { vocabSize } = small;
      for (let i = 0; i < 200;) {
        const step = tokens.slice(i, Math.min(200, i + 1 + ((i * 7) % 5)));
        const row = await model.forward(single, step, step.length);
        assertSameNumbers(row, logits.subarray(i * vocabSize, (i + step.length) * vocabSize), `from token ${i} on`);
        i += step.length;
      }
      model.rewind(single, 200);
      const singleStep = await model.forwardTapped(single, [7], [tap.cachedKeys(1), tap.cachedValues(1)]);
      assertSameTensors(singleStep, wholeStep);
    });
  });

  describe("runs branches of a sequence", () => {
    for (const relaxedSimd of [true, false]) {
      it(`with the bits of a sequence of their own, ${relaxedSimd ? "with" : "without"} relaxed SIMD`, async () => {
        await using model = await openKernels({ threads: 2, relaxedSimd });
        const { vocabSize } = small;
        for (const past of [1, 37, 120]) {
          const prefix = tokens.slice(0, past);
          const slot = await model.acquire(tokens);
          await model.forward(slot, prefix.slice(slot.tokens.length), 0);
          model.rewind(slot, past);
          using branches = model.branch?.(slot, 3);
          assert.ok(branches);
          const own: number[][] = [[], [], []];
          // Branches end at different times, and their order in a step is any.
          for (let step = 0; step < 40; step++) {
            const steps = [2, 0, 1]
              .filter((branch) => step < ([40, 13, 29][branch] ?? 0))
              .map((branch) => ({ branch, token: (branch * 131 + step * 17) % vocabSize }));
            const logits = (await branches.forward(steps)).slice();
            for (const [row, { branch, token }] of steps.entries()) {
              own[branch]?.push(token);
              if (step % 7 > 0 && step < 39) continue;
              const alone = await model.acquire([...prefix, ...(own[branch] ?? []), 0]);
              const rest = [...prefix, ...(own[branch] ?? [])].slice(alone.tokens.length);
              const expected = rest.length === 0 ? undefined : await model.forward(alone, rest);
              assertSameNumbers(logits.subarray(row * vocabSize, (row + 1) * vocabSize), expected, `step ${step}`);
              alone[Symbol.dispose]();
            }
          }
          slot[Symbol.dispose]();
        }
      });
    }

    it("and refuses what cannot be", async () => {
      await using model = await openKernels({});
      const slot = await model.acquire(tokens);
      await model.forward(slot, tokens.slice(0, 299), 0);
      using branches = model.branch?.(slot, 2);
      assert.ok(branches);
      await assert.rejects(branches.forward([{ branch: 0, token: small.vocabSize }]), UnknownTokenError);
      await assert.rejects(branches.forward([{ branch: 2, token: 1 }]), ComputeError);
      await assert.rejects(
        branches.forward([
          { branch: 1, token: 1 },
          { branch: 1, token: 2 },
        ]),
        ContextOverflowError,
      );
      await branches.forward([{ branch: 0, token: 1 }]);
      await assert.rejects(branches.forward([{ branch: 0, token: 1 }]), ContextOverflowError);
    });

    it("and frees their memory", async () => {
      await using model = await openKernels({});
      const slot = await model.acquire(tokens);
      await model.forward(slot, tokens.slice(0, 50), 0);
      const run = async () => {
        using branches = model.branch?.(slot, 4);
        for (let step = 0; step < 60; step++) await branches?.forward([{ branch: step % 4, token: step }]);
      };
      await run();
      const { heapBytes } = model;
      for (let i = 0; i < 20; i++) await run();
      assert.equal(model.heapBytes, heapBytes);
    });
  });

  it("returns the requested last rows of logits across the parts of a long step", async () => {
    await using model = await openKernels({});
    const all = await model.acquire(tokens);
    const logits = (await model.forward(all, tokens.slice(0, 290), 290)).slice();
    for (const rows of [0, 1, 34, 35, 90]) {
      model.rewind(all, 0);
      const last = await model.forward(all, tokens.slice(0, 290), rows);
      assertSameNumbers(last, logits.subarray((290 - rows) * small.vocabSize));
    }
  });

  it("chooses the oracle's tokens", async () => {
    let equal = 0;
    for (const run of oracleRuns) {
      const expected = oracleGreedy(run);
      const text = [...oracleTokens(run), ...expected];
      await using model = await openKernels({}, syntheticWeights(run.split(".")[0] as OracleModel));
      const logits = await model.forward(await model.acquire(text), text, expected.length + 1);
      const { vocabSize } = model.config;
      equal += expected.filter(
        (token, i) => argmax(logits.subarray(i * vocabSize, (i + 1) * vocabSize)) === token,
      ).length;
    }
    // Weights in 8 bits change some: with the oracle's own arithmetic on the same weights it is all of them (checkpoint 12).
    assert.ok(equal >= 0.95 * 40 * oracleRuns.length, `${equal} of ${40 * oracleRuns.length}`);
  });

  it("runs the bundled model nearer to f32 than ONNX Runtime's int8 does", async () => {
    await using weights = await openWeights(await nodeModelFiles(resolve("models/gpt2-code-mini")));
    const source = readFileSync("test/fixtures/sample-workspace/src/cart.ts", "utf8");
    const text = tokenizerFor(weights.config).encode(source).slice(0, 200);
    const logitsOf = async (opening: Promise<LanguageModel>) => {
      await using model = await opening;
      return (await model.forward(await model.acquire(text), text, text.length)).slice();
    };
    const f32 = await logitsOf(openRuntime(weights, "f32"));
    const runtime = rootMeanSquare(await logitsOf(openRuntime(weights, "int8")), f32);
    const kernels = rootMeanSquare(await logitsOf(openKernels({ threads: 2 }, weights)), f32);
    assert.ok(kernels < 0.1 && kernels < 0.8 * runtime, `${kernels} against ${runtime}`);
  });

  it("does not need ONNX Runtime, unless it is switched off", async () => {
    await using model = await openTestModel(randomWeights(small), { precision: "int8", threads: 1 });
    assert.equal(model.info.backend, "kernels");
  });

  it("leaves a model whose heads are not made of whole vectors to ONNX Runtime", async () => {
    const odd = { ...small, heads: 2, kvHeads: 2, width: 36 };
    await using model = await openTestModel(randomWeights(odd), { precision: "int8", threads: 1 });
    assert.equal(model.info.backend, "onnxruntime");
    assert.equal((await greedy(model, [1, 2, 3], 3)).length, 3);
  });

  it("ends its threads when it is disposed", async () => {
    const exits: Promise<unknown>[] = [];
    const watch = (worker: Worker) => exits.push(once(worker, "exit"));
    process.on("worker", watch);
    const model = await openKernels({ threads: 3 });
    process.off("worker", watch);
    assert.equal(exits.length, 2);
    await greedy(model, [1, 2, 3], 2);
    await model[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    await Promise.all(exits);
  });

  it("lets its threads sleep between steps", async () => {
    const heap = new Heap();
    const scheduler = new HeapRecord(heap, schedulerFields);
    const plan = new HeapRecord(heap, planFields, { threads: 3, scheduler: scheduler.address });
    const module = await compileKernels(true);
    const ended = [
      await nodeThreads.start(module, heap.memory, plan.address, 1),
      await nodeThreads.start(module, heap.memory, plan.address, 2),
    ];
    // Who is woken without a step goes back to sleep.
    const words = new Int32Array(heap.memory.buffer, scheduler.address, schedulerFields.length);
    while (Atomics.notify(words, schedulerFields.indexOf("started")) < 2) await setTimeout(5);
    const kernels = await instantiateKernels(module, heap.memory);
    kernels.end(plan.address);
    for (const end of ended) await end();
  });
});

function openRuntime(weights: Gpt2Weights, precision: "int8" | "f32"): Promise<LanguageModel> {
  return openTestModel(weights, { precision, threads: 2, backend: "onnxruntime" });
}

/** Of the differences between two arrays. */
function rootMeanSquare(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - (b[i] ?? NaN)) ** 2, 0) / a.length);
}
