import assert from "node:assert/strict";
import { withAdapter } from "../../../../src/gpt2/adapters/adaptedModel";
import { openAdapter } from "../../../../src/gpt2/adapters/openAdapter";
import { partAdapter } from "../../../../src/gpt2/adapters/partAdapter";
import { partConfig } from "../../../../src/gpt2/config/part";
import { ComputeError } from "../../../../src/gpt2/errors";
import type { LanguageModel } from "../../../../src/gpt2/languageModel";
import { checkpointTaps, type TappedModel } from "../../../../src/gpt2/taps";
import { assertBranchesAdapt } from "../../../fixtures/adaptedBranches";
import { everyModule, peftFiles, peftTensors, randomModules } from "../../../fixtures/adapters";
import { assertSameNumbers, assertSameTensors, maxDifference } from "../../../fixtures/difference";
import { openSplitModel, type OpenElsewhere } from "../../../../src/gpt2/split/openSplit";
import type { TappedPart } from "../../../../src/gpt2/split/modelPart";
import { partWeights } from "../../../../src/gpt2/weights/partWeights";
import { greedy, openTappedTestModel } from "../../../fixtures/runtime";
import { openSplitTestModel, openTappedSplitTestModel, planTestParts } from "../../../fixtures/splitModel";
import { oracleConfig, oracleScales, randomWeights } from "../../../fixtures/syntheticModel";

const config = { ...oracleConfig("gpt2-tiny"), layers: 5, vocabSize: 700 };
const weights = () => randomWeights(config, 3, oracleScales("gpt2-tiny"));
const options = { precision: "int8", threads: 1 } as const;
const prompt = Array.from({ length: 40 }, (_, i) => (i * 7919 + 5) % config.vocabSize);
const everything = [...everyModule(config), "wpe"];

const adapterOf = (seed: number, modules = everything) =>
  openAdapter(peftFiles(peftTensors(randomModules(config, modules, { seed, strength: 0.02 }))), config);

async function withAdapters<Model extends LanguageModel>(opening: Promise<Model>): Promise<Model> {
  const model = await opening;
  for (const [i, name] of ["one", "two"].entries()) await model.addAdapter?.(name, await adapterOf(i + 1));
  return model;
}

async function logitsOf(model: LanguageModel, adapter?: string): Promise<Float32Array> {
  using slot = await model.acquire(prompt, "branch", adapter);
  model.rewind(slot, 0);
  return (await model.forward(slot, prompt, 7)).slice();
}

describe("LoRA adapters on a model that is split", () => {
  let whole: TappedModel;
  before(async () => {
    whole = await withAdapters(openTappedTestModel(weights(), { backend: "kernels", ...options }));
  });
  after(() => whole[Symbol.asyncDispose]());

  for (const map of ["1,4", "2,2,1", "1,1,1,1,1"]) {
    it(`are switched between requests, with the logits of the whole model bit for bit, in ${map} layers`, async () => {
      await using split = await withAdapters(openSplitTestModel(weights(), map, options));
      const plain = await logitsOf(whole);
      for (const name of [undefined, "one", undefined, "two", "one"]) {
        const expected = await logitsOf(whole, name);
        assertSameNumbers(await logitsOf(split, name), expected, name);
        assert.equal(maxDifference(expected, plain) > 0.01, name !== undefined);
      }
      const written = await greedy(withAdapter(whole, "two"), prompt, 12);
      assert.deepEqual(await greedy(withAdapter(split, "two"), prompt, 12), written);
    });
  }

  it("hold for branches of a slot and for slots that are run together", async () => {
    await using split = await withAdapters(openSplitTestModel(weights(), "2,3", options));
    await assertBranchesAdapt(split, "one", prompt, (await logitsOf(whole, "one")).slice(-config.vocabSize));
  });

  it("change the tensors inside the parts as those of the whole model", async () => {
    await using split = await withAdapters(openTappedSplitTestModel(weights(), "2,3", options));
    const taps = checkpointTaps(config);
    const tensorsOf = async (model: TappedModel) => {
      using slot = await model.acquire(prompt, "branch", "one");
      model.rewind(slot, 0);
      return await model.forwardTapped(slot, prompt, taps);
    };
    assertSameTensors(await tensorsOf(split), await tensorsOf(whole));
  });

  it("are refused under a name that was not loaded", async () => {
    await using split = await withAdapters(openSplitTestModel(weights(), "2,3", options));
    using slot = await split.acquire(prompt, "continue", "other");
    await assert.rejects(
      split.forward(slot, prompt),
      (error) => error instanceof ComputeError && error.message.includes("no adapter other"),
    );
  });

  it("are in no part when one of them has no memory for them", async () => {
    let middle: TappedPart | undefined;
    const elsewhere: OpenElsewhere = async (planned) => {
      const part = await planned.backend.openTappedPart?.(partWeights(weights(), planned), options);
      assert.ok(part);
      if (planned.to === config.layers) {
        return { ...part, addAdapter: () => Promise.reject(new ComputeError("There is no memory.")) };
      }
      return (middle = part);
    };
    const plan = planTestParts(config, "1,3,1", "int8");
    await using split = await openSplitModel(plan, weights(), options, elsewhere);
    const add = async () => {
      const adapter = await adapterOf(1);
      await assert.rejects(async () => split.addAdapter?.("one", adapter), /There is no memory/);
    };
    await add();
    const earlier = middle;
    assert.ok(earlier);
    const { heapBytes } = earlier;
    for (let i = 0; i < 20; i++) await add();
    assert.equal(earlier.heapBytes, heapBytes);
    const step = { x: new Float32Array(config.width), rows: 1, buffer: await earlier.storage.allocate(8) };
    const run = async (more: { readonly adapter?: string }) => earlier.run({ ...step, past: 0, logitRows: 0, ...more });
    await assert.rejects(run({ adapter: "one" }), /no adapter one/);
    await run({});
  });

  it("are not switched where a part can only merge them", async () => {
    await using split = await openSplitTestModel(weights(), "kernels:2,onnxruntime:3", options);
    assert.ok(!split.addAdapter);
    await assert.rejects(
      split.acquire(prompt, "continue", "one"),
      (error) => error instanceof ComputeError && error.message.includes("has to be merged into the weights"),
    );
  });
});

describe("an adapter for a part of a model", () => {
  const namesIn = async (from: number, to: number) => {
    const modules = ["h.0.attn.c_attn", "h.1.mlp.c_fc", "h.4.mlp.c_proj", "wte", "wpe", "lm_head"];
    const { updates } = partAdapter(await adapterOf(1, modules), partConfig(config, { from, to }));
    return [...updates.keys()];
  };

  it("has what changes its layers, and the head only after the last", async () => {
    assert.deepEqual(await namesIn(0, 1), ["h.0.attn.c_attn.weight"]);
    assert.deepEqual(await namesIn(1, 4), ["h.0.mlp.c_fc.weight"]);
    assert.deepEqual(await namesIn(4, 5), ["h.0.mlp.c_proj.weight", "lm_head.weight"]);
    assert.deepEqual(await namesIn(2, 4), []);
  });
});
