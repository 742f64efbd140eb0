import assert from "node:assert/strict";
import { generationContext } from "../../../../../src/generation/context";
import { generate } from "../../../../../src/generation/generate";
import { DrafterFactory } from "../../../../../src/generation/speculative/drafterFactory";
import { parseHuggingFaceConfig } from "../../../../../src/gpt2/config/huggingFaceConfig";
import type { LanguageModel, Precision } from "../../../../../src/gpt2/languageModel";
import { tokenizerFor } from "../../../../../src/tokenizer/tokenizerFor";
import models from "../../../../fixtures/oracle/synthetic_models.json";
import { openTestModel } from "../../../../fixtures/runtime";
import { oracleConfigJson, randomWeights, syntheticWeights } from "../../../../fixtures/syntheticModel";
import { AssumedCosts, control, greedy } from "../../fakes";
import { draftersWith } from "./support";

const ids = (count: number, seed: number) => Array.from({ length: count }, (_, i) => (i * 7919 + 13 * seed) % 50257);

describe("drafting with a real model", () => {
  const opened: LanguageModel[] = [];

  async function open(weights: "same" | number, precision: Precision): Promise<LanguageModel> {
    const config = parseHuggingFaceConfig(JSON.stringify(oracleConfigJson("gpt2-tiny")));
    const own =
      weights === "same" ? syntheticWeights("gpt2-tiny") : randomWeights(config, weights, models["gpt2-tiny"].scales);
    const model = await openTestModel(own, { precision, threads: 1 });
    opened.push(model);
    return model;
  }
  after(async () => {
    for (const model of opened) await model[Symbol.asyncDispose]();
  });

  async function write(
    model: LanguageModel,
    draftModel: LanguageModel | undefined,
    prompt: readonly number[],
    count: number,
    temperature = 0,
  ) {
    const drafters = draftModel ? draftersWith(draftModel) : new DrafterFactory(new AssumedCosts());
    const context = { ...generationContext(model, tokenizerFor(model.config)), drafters };
    const request = { prompt, maxTokens: count, sampling: { ...greedy, temperature, seed: count } };
    return generate(context, request, control());
  }

  for (const precision of ["f32", "int8"] as const) {
    it(`accepts every token that a model drafts for itself, in ${precision}`, async () => {
      const [model, same] = [await open("same", precision), await open("same", precision)];
      const { tokens, timings } = await write(model, same, ids(20, 3), 60);
      const plain = await write(model, undefined, ids(20, 3), 60);
      assert.deepEqual(tokens, plain.tokens);
      assert.equal(timings.acceptedTokens, timings.draftedTokens);
      const steps = tokens.length - timings.acceptedTokens;
      assert.ok(steps < 0.6 * tokens.length, `${steps} steps for ${tokens.length} tokens`);
    });

    it(`changes no token if the draft model has other weights, even when the window moves, in ${precision}`, async () => {
      const model = await open("same", precision);
      for (const seed of [1, 2, 3]) {
        const other = await open(seed, precision);
        for (const [length, count] of [
          [3, 40],
          [90, 120],
          [128, 30],
        ] as const) {
          const plain = await write(model, undefined, ids(length, seed), count);
          const drafted = await write(model, other, ids(length, seed), count);
          assert.deepEqual(drafted.tokens, plain.tokens, `weights ${seed}, ${length} + ${count} tokens`);
          assert.equal(plain.tokens.length, count);
        }
      }
    });
  }

  it("changes no token of a text that is sampled with a seed", async () => {
    const [model, same] = [await open("same", "int8"), await open("same", "int8")];
    const plain = await write(model, undefined, ids(50, 5), 150, 0.2);
    const drafted = await write(model, same, ids(50, 5), 150, 0.2);
    assert.deepEqual(drafted.tokens, plain.tokens);
    assert.ok(drafted.timings.acceptedTokens > 0);
  });

  it("continues without drafts when the draft model fails", async () => {
    const [model, broken] = [await open("same", "int8"), await open(1, "int8")];
    const plain = await write(model, undefined, ids(20, 3), 20);
    broken.forward = () => Promise.reject(new Error("out of memory"));
    const failures: unknown[] = [];
    const context = {
      ...generationContext(model, tokenizerFor(model.config)),
      drafters: draftersWith(broken, { onFailure: (error) => failures.push(error) }),
    };
    for (let i = 0; i < 2; i++) {
      const { tokens } = await generate(context, { prompt: ids(20, 3), maxTokens: 20, sampling: greedy }, control());
      assert.deepEqual(tokens, plain.tokens);
    }
    assert.match(String(failures), /^Error: out of memory$/);
  });
});
