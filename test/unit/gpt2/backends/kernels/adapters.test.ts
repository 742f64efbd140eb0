import assert from "node:assert/strict";
import type { LoraAdapter } from "../../../../../src/gpt2/adapters/adapter";
import { openAdapter } from "../../../../../src/gpt2/adapters/openAdapter";
import { nodeThreads } from "../../../../../src/gpt2/backends/kernels/nodeThreads";
import { openTappedKernelSession } from "../../../../../src/gpt2/backends/kernels/session";
import type { Gpt2Config } from "../../../../../src/gpt2/config/config";
import { ComputeError } from "../../../../../src/gpt2/errors";
import { tap, type TappedModel } from "../../../../../src/gpt2/taps";
import { Reference } from "../../../../../src/gpt2/verification/reference";
import { prepareWeights } from "../../../../../src/gpt2/weights/preparedWeights";
import { assertBranchesAdapt } from "../../../../fixtures/adaptedBranches";
import {
  everyModule,
  peftFiles,
  peftTensors,
  randomModules,
  type TestModule,
  weightsPlus,
} from "../../../../fixtures/adapters";
import { assertSameNumbers, maxDifference } from "../../../../fixtures/difference";
import { oracleConfig, randomWeights } from "../../../../fixtures/syntheticModel";

const config: Gpt2Config = { ...oracleConfig("gpt2-tiny"), vocabSize: 602, contextLength: 300 };
const tokens = Array.from({ length: 40 }, (_, i) => (i * 7919 + 13) % config.vocabSize);
/** Of `peftConfig`. */
const scale = 2;

const modulesOf = (seed: number, names = [...everyModule(config), "wpe"]) =>
  randomModules(config, names, { seed, strength: 0.02 });
const adapterOf = (modules: readonly TestModule[]): Promise<LoraAdapter> =>
  openAdapter(peftFiles(peftTensors(modules)), config);

async function open(threads = 1, relaxedSimd = true, of = config): Promise<TappedModel> {
  const prepared = await prepareWeights(randomWeights(of), "int8");
  const options = { threads, relaxedSimd, kernelThreads: nodeThreads, cacheBudgetBytes: 2 ** 26, started: 0 };
  return openTappedKernelSession(of, prepared, options);
}

async function openWith(modules: readonly TestModule[], threads = 1, relaxedSimd = true): Promise<TappedModel> {
  const model = await open(threads, relaxedSimd);
  await model.addAdapter?.("one", await adapterOf(modules));
  return model;
}

/** The logits of all tokens, computed anew. */
async function logitsOf(model: TappedModel, adapter?: string, text = tokens): Promise<Float32Array> {
  using slot = await model.acquire(text, "branch", adapter);
  model.rewind(slot, 0);
  return (await model.forward(slot, text, text.length)).slice();
}

describe("LoRA adapters on the kernels", () => {
  it("add exactly scale·B·A·x to the products of a layer", async () => {
    const [module] = modulesOf(1, ["h.0.attn.c_attn"]) as [TestModule];
    await using model = await openWith([module]);
    const taps = [tap.ln1(0), tap.query(0), tap.key(0), tap.value(0)];
    const tensors = async (adapter?: string) => {
      using slot = await model.acquire(tokens, "branch", adapter);
      model.rewind(slot, 0);
      return await model.forwardTapped(slot, tokens, taps);
    };
    const [plain, adapted] = [await tensors(), await tensors("one")];
    const inputs = plain.get(tap.ln1(0))?.data ?? new Float32Array();
    assertSameNumbers(adapted.get(tap.ln1(0))?.data, inputs);
    let largest = 0;
    for (const [part, name] of taps.slice(1).entries()) {
      const [before, after] = [plain.get(name)?.data ?? [], adapted.get(name)?.data ?? []];
      const difference = Array.from(after, (value, i) => value - (before[i] ?? NaN));
      const expected = difference.map((_, i) => {
        const [row, output] = [Math.floor(i / config.width), part * config.width + (i % config.width)];
        return share(module, inputs.slice(row * config.width, (row + 1) * config.width), output);
      });
      largest = Math.max(largest, ...expected.map(Math.abs));
      // Keys and values are in the cache in 8 bits: half a step before and half a step after.
      const largestNumber = Math.max(...[...before, ...after].map(Math.abs));
      const rounding = name === tap.query(0) ? 0 : largestNumber / 127;
      assert.ok(maxDifference(difference, expected) < rounding + 2e-6, name);
    }
    assert.ok(largest > 0.05, "the adapter changes something");
  });

  it("are as near to the f64 reference of the merged model as the model without them is to its own", async () => {
    const modules = modulesOf(1);
    await using model = await openWith(modules);
    const reference = async (weights = randomWeights(config)) => {
      const own = new Reference(weights);
      return (await own.forward(own.start(), tokens)).logits;
    };
    const [plain, merged] = [await reference(), await reference(weightsPlus(randomWeights(config), modules, scale))];
    const error = maxDifference(await logitsOf(model), plain);
    const adaptedError = maxDifference(await logitsOf(model, "one"), merged);
    const change = maxDifference(plain, merged);
    assert.ok(change > 20 * adaptedError, `change ${change}, error ${adaptedError}`);
    assert.ok(adaptedError < 4 * error, `with ${adaptedError}, without ${error}`);
  });

  it("leave the logits bit for bit as they were when they are switched off", async () => {
    await using model = await open();
    const before = await logitsOf(model);
    await model.addAdapter?.("one", await adapterOf(modulesOf(1)));
    await model.addAdapter?.("two", await adapterOf(modulesOf(2)));
    assertSameNumbers(await logitsOf(model), before);
    const [one, two] = [await logitsOf(model, "one"), await logitsOf(model, "two")];
    assert.ok(maxDifference(one, before) > 0.01 && maxDifference(one, two) > 0.01);
    assertSameNumbers(await logitsOf(model), before);
    assertSameNumbers(await logitsOf(model, "one"), one);
    assertSameNumbers(await logitsOf(model, "two"), two);
  });

  it("change only the modules that they name", async () => {
    await using model = await open();
    await model.addAdapter?.("head", await adapterOf(modulesOf(1, ["lm_head"])));
    await model.addAdapter?.("last", await adapterOf(modulesOf(1, [`h.${config.layers - 1}.mlp.c_proj`])));
    const cached = async (adapter?: string) => {
      using slot = await model.acquire(tokens, "branch", adapter);
      model.rewind(slot, 0);
      const names = [tap.cachedKeys(config.layers - 1), tap.cachedValues(config.layers - 1), tap.logits];
      return await model.forwardTapped(slot, tokens, names);
    };
    const plain = await cached();
    for (const adapter of ["head", "last"]) {
      const adapted = await cached(adapter);
      for (const [name, { data }] of adapted) {
        const isSame = maxDifference(data, plain.get(name)?.data ?? []) === 0;
        assert.equal(isSame, name !== tap.logits, `${adapter}: ${name}`);
      }
    }
  });

  it("give the same bits on any number of threads, with and without relaxed SIMD, and however a text is cut into steps", async () => {
    const modules = modulesOf(3);
    await using model = await openWith(modules);
    const expected = await logitsOf(model, "one");
    for (const [threads, relaxed] of [
      [1, false],
      [3, true],
    ] as const) {
      await using other = await openWith(modules, threads, relaxed);
      assertSameNumbers(await logitsOf(other, "one"), expected);
    }
    using slot = await model.acquire(tokens, "continue", "one");
    model.rewind(slot, 0);
    const rows: Float32Array[] = [];
    for (const [from, to] of [
      [0, 1],
      [1, 9],
      [9, 30],
      [30, 40],
    ] as const) {
      rows.push((await model.forward(slot, tokens.slice(from, to), to - from)).slice());
    }
    assertSameNumbers(Float32Array.from(rows.flatMap((part) => [...part])), expected);
  });

  it("never share a slot of the cache with each other or with the model without them", async () => {
    await using model = await openWith(modulesOf(1));
    const ids = new Map<string | undefined, number>();
    for (const adapter of [undefined, "one", undefined, "one"]) {
      using slot = await model.acquire(tokens, "continue", adapter);
      assert.equal(slot.tokens.length, ids.has(adapter) ? tokens.length - 1 : 0, String(adapter));
      assert.equal(ids.get(adapter) ?? slot.id, slot.id);
      ids.set(adapter, slot.id);
      await model.forward(slot, tokens.slice(slot.tokens.length));
    }
    assert.equal(new Set(ids.values()).size, 2);
    assert.deepEqual(
      model.slots().map(({ adapter }) => adapter),
      [undefined, "one"],
    );
  });

  it("compute what they would alone when their requests take turns step by step", async () => {
    await using model = await openWith(modulesOf(1));
    const names = [undefined, "one"];
    const alone = [await logitsOf(model), await logitsOf(model, "one")];
    const slots = await Promise.all(names.map((name) => model.acquire([601], "branch", name)));
    for (const [i, token] of tokens.entries()) {
      for (const [which, slot] of slots.entries()) {
        const logits = await model.forward(slot, [token]);
        const { vocabSize } = config;
        assertSameNumbers(logits.slice(), alone[which]?.slice(i * vocabSize, (i + 1) * vocabSize));
      }
    }
    for (const slot of slots) slot[Symbol.dispose]();
  });

  it("hold for branches of a slot and for slots that are run together", async () => {
    await using model = await openWith(modulesOf(1));
    await assertBranchesAdapt(model, "one", tokens, (await logitsOf(model, "one")).slice(-config.vocabSize));
  });

  it("may be of any rank, and are refused under a name that was not loaded", async () => {
    await using model = await open();
    const plain = await logitsOf(model);
    for (const rank of [1, 4, 9]) {
      const modules = randomModules(config, ["h.0.mlp.c_proj", "lm_head"], { rank, seed: rank, strength: 0.02 });
      const files = peftFiles(peftTensors(modules), { peft_type: "LORA", r: rank, lora_alpha: 2 * rank });
      await model.addAdapter?.(`rank ${rank}`, await openAdapter(files, config));
      const merged = new Reference(weightsPlus(randomWeights(config), modules, scale));
      const { logits } = await merged.forward(merged.start(), tokens);
      const adapted = await logitsOf(model, `rank ${rank}`);
      const [error, change] = [maxDifference(adapted, logits), maxDifference(adapted, plain)];
      assert.ok(error < change / 10, `rank ${rank}: ${error} of ${change}`);
    }
    using slot = await model.acquire(tokens, "continue", "other");
    await assert.rejects(
      model.forward(slot, tokens),
      (error) => error instanceof ComputeError && error.message.includes("no adapter other"),
    );
  });

  it("count outputs that are no multiple of eight", async () => {
    const odd = { ...config, vocabSize: 603 };
    await using model = await open(1, true, odd);
    const modules = randomModules(odd, ["lm_head"], { seed: 5, strength: 0.02 });
    await model.addAdapter?.("one", await openAdapter(peftFiles(peftTensors(modules)), odd));
    const [plain, adapted] = [await logitsOf(model), await logitsOf(model, "one")];
    const last = (logits: Float32Array) => logits.slice(-3);
    assert.ok(maxDifference(last(plain), last(adapted)) > 1e-3);
    assert.ok(adapted.every(Number.isFinite));
  });
});

/** What an adapter adds to one output, in double precision. */
function share({ rank, from, a, b }: TestModule, inputs: ArrayLike<number>, output: number): number {
  let sum = 0;
  for (let r = 0; r < rank; r++) {
    let projected = 0;
    for (let i = 0; i < from; i++) projected += (a[r * from + i] as number) * (inputs[i] as number);
    sum += scale * projected * (b[output * rank + r] as number);
  }
  return sum;
}
