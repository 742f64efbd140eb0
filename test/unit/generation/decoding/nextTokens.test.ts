import assert from "node:assert/strict";
import { complete } from "../../../../src/generation/complete";
import { generate } from "../../../../src/generation/generate";
import { largest } from "../../../../src/generation/sampling/largest";
import type { CacheSlot, LikeliestOptions, LikeliestToken } from "../../../../src/gpt2/languageModel";
import {
  control,
  fakeContext,
  FakeModel,
  FakeTokenizer,
  greedy,
  type LogitsFunction,
  saying,
  wandering,
} from "../fakes";

/** A model that can choose tokens itself. */
class ChoosingModel extends FakeModel {
  readonly choices: LikeliestOptions[] = [];
  stepsAhead = 0;

  async forwardLikeliest(
    slot: CacheSlot,
    tokens: readonly number[],
    options: LikeliestOptions,
  ): Promise<readonly (readonly LikeliestToken[])[]> {
    const { rows = 1, count = 1, excluded = [] } = options;
    this.choices.push(options);
    const logits = await this.forward(slot, tokens, rows);
    const { vocabSize } = this.config;
    return Array.from({ length: rows }, (_, row) => {
      const own = logits.subarray(row * vocabSize, (row + 1) * vocabSize);
      for (const token of excluded) own[token] = -Infinity;
      return Array.from(largest(own, count), (token) => ({ token, logit: own[token] ?? NaN }));
    });
  }
}

const run = (model: FakeModel, options: Partial<Parameters<typeof generate>[1]> = {}) =>
  generate(fakeContext(model), { prompt: "foo(", maxTokens: 40, sampling: greedy, ...options }, control());

/** Repeats itself, so that there are drafts. */
const lookupText = "foo = foobar()\nreturn foo = foobar()\nreturn foo";

describe("tokens that a model chooses itself", () => {
  const texts: readonly (readonly [string, LogitsFunction])[] = [
    ["that repeats itself, with drafts", saying(lookupText.repeat(2), "foo(")],
    ["that does not", wandering],
  ];
  for (const [title, logits] of texts) {
    it(`make the same text: one ${title}`, async () => {
      const model = new ChoosingModel(128, logits);
      const text = await run(model);
      const expected = await run(new FakeModel(128, logits));
      assert.deepEqual([text.tokens, text.finish], [expected.tokens, expected.finish]);
      assert.equal(text.timings.draftedTokens > 0, expected.timings.draftedTokens > 0);
      assert.equal(model.choices.length, model.forwards.length);
    });
  }

  it("are waited for while steps are under way, before anything is drafted", async () => {
    const model = new ChoosingModel(128, saying(lookupText.repeat(2), "foo("));
    model.stepsAhead = 1;
    const text = await run(model);
    const expected = await run(new FakeModel(128, saying(lookupText.repeat(2), "foo(")));
    assert.deepEqual(text.tokens, expected.tokens);
    assert.equal(text.timings.draftedTokens, 0);
    assert.ok(expected.timings.draftedTokens > 0);
    assert.ok(
      model.choices.some(({ ahead }) => ahead === 0),
      "nothing more is begun ahead of a draft",
    );
  });

  it("are chosen ahead of the text, but not past its end or the context's", async () => {
    const model = new ChoosingModel(64, wandering);
    await run(model, { maxTokens: 5 });
    assert.deepEqual(
      model.choices.map(({ ahead }) => ahead),
      [2, 2, 2, 1, 0],
    );
    const full = new ChoosingModel(8, wandering);
    await run(full, { maxTokens: 4, prompt: [1, 2, 3, 4, 5, 6] });
    assert.ok(full.choices.every(({ ahead = 0 }, i) => ahead <= Math.max(0, 8 - 6 - i)));
  });

  it("exclude those that mark places for a text to be filled in", async () => {
    const { fim } = new FakeTokenizer();
    const model = new ChoosingModel(64, (tokens) => {
      const logits = wandering(tokens);
      logits[fim.middle] = 1000;
      return logits;
    });
    const { tokens } = await run(model, { maxTokens: 3 });
    assert.deepEqual(tokens, (await run(new FakeModel(64, wandering), { maxTokens: 3 })).tokens);
    assert.deepEqual(model.choices[0]?.excluded, [fim.prefix, fim.middle, fim.suffix]);
  });

  it("are drawn from as many as may be drawn, with the same result", async () => {
    const sampling = { temperature: 0.9, topK: 5, topP: 0.9, seed: 3 };
    const model = new ChoosingModel(128, wandering);
    const text = await run(model, { sampling });
    assert.deepEqual(text.tokens, (await run(new FakeModel(128, wandering), { sampling })).tokens);
    assert.ok(model.choices.every(({ count, ahead }) => count === 5 && ahead === 0));
    assert.equal(model.choices.length, model.forwards.length);
  });

  it("are not asked for where more than the largest logits count", async () => {
    const cases: readonly Partial<Parameters<typeof generate>[1]>[] = [
      { sampling: { ...greedy, temperature: 0.7 } },
      { sampling: { ...greedy, temperature: 0.7, topK: 1000 } },
      { sampling: { ...greedy, repetitionPenalty: 1.2 } },
      { logProbabilities: 2 },
      { constraint: { kind: "regex", pattern: "[a-z]{3}" } },
    ];
    for (const options of cases) {
      const model = new ChoosingModel(64, wandering);
      await run(model, { maxTokens: 4, ...options });
      assert.ok(model.forwards.length > 0);
      assert.deepEqual(model.choices, [], JSON.stringify(options));
    }
  });

  it("are asked for once healing has chosen the token that the cursor cut", async () => {
    const answer = async (model: FakeModel) => {
      const prompt = { prefix: "x = foo", suffix: "", header: "" };
      const request = { prompt, stop: "line", maxTokens: 8, healing: true, sampling: greedy } as const;
      return (await complete(fakeContext(model), request, control())).tokens;
    };
    const model = new ChoosingModel(64, wandering);
    assert.deepEqual(await answer(model), await answer(new FakeModel(64, wandering)));
    assert.ok(model.choices.length > 0 && model.choices.length < model.forwards.length);
  });

  it("are refused when the logits are not numbers", async () => {
    const logits = () => new Float32Array(new FakeTokenizer().vocabSize).fill(NaN);
    await assert.rejects(run(new ChoosingModel(64, logits)), { name: "LogitsError", message: /NaN/ });
    await assert.rejects(
      run(new ChoosingModel(64, logits), { sampling: { ...greedy, temperature: 1, topK: 3 } }),
      /NaN/,
    );
    const none = () => new Float32Array(new FakeTokenizer().vocabSize).fill(-Infinity);
    await assert.rejects(run(new ChoosingModel(64, none)), { name: "LogitsError", message: /ruled out/ });
  });
});
