import assert from "node:assert/strict";
import { complete } from "../../../../src/generation/complete";
import { decode } from "../../../../src/generation/decoding/loop";
import { generate } from "../../../../src/generation/generate";
import { argmax } from "../../../../src/generation/sampling/largest";
import { seededRandom } from "../../../../src/generation/sampling/random";
import { sampler } from "../../../../src/generation/sampling/sampler";
import { type Drafter, FallbackDrafter, noDrafts } from "../../../../src/generation/speculative/drafter";
import { control, fakeContext, FakeModel, FakeTokenizer, greedy, saying, wandering } from "../fakes";
import { chiSquaredOfPairs, pairsCritical } from "./chiSquared";
import { trustingLookup } from "./promptLookup/support";

/** Drafts the given tokens in every step, whether they are right or wrong. */
const drafting = (draft: (sequence: readonly number[]) => readonly number[]): Drafter => ({
  propose: (sequence, limit) => draft(sequence).slice(0, limit),
  record: () => undefined,
});

/** The most likely tokens after a sequence under the model {@link wandering}. */
function mostLikely(sequence: readonly number[], count: number): number[] {
  const extended = [...sequence];
  for (let i = 0; i < count; i++) extended.push(argmax(wandering(extended)));
  return extended.slice(sequence.length);
}

async function decodeTokens(
  model: FakeModel,
  drafter: Drafter,
  count: number,
  { temperature = 0, seed = 1 } = {},
): Promise<number[]> {
  const tokens: number[] = [];
  const choose = sampler({ ...greedy, temperature, seed });
  const accept = (token: number) => tokens.push(token) < count;
  await decode(fakeContext(model), { prompt: { tokens: [1, 2, 3], head: 0 }, choose, accept, drafter }, control());
  return tokens;
}

describe("drafting", () => {
  it("changes no token, whether drafts are right, wrong or partly right", async () => {
    const plain = await decodeTokens(new FakeModel(60, wandering), noDrafts, 150);
    const random = seededRandom(4);
    const drafters = {
      wrong: drafting(() => [5, 6, 7]),
      right: drafting((sequence) => mostLikely(sequence, 6)),
      "partly right": drafting((sequence) => mostLikely(sequence, 6).map((token) => (random() < 0.7 ? token : 9))),
      "prompt lookup": trustingLookup([plain]),
    };
    for (const [name, drafter] of Object.entries(drafters)) {
      const model = new FakeModel(60, wandering);
      assert.deepEqual(await decodeTokens(model, drafter, 150), plain, name);
      assert.equal(model.heldSlots, 0);
      if (name === "right") assert.ok(model.forwards.length < 40, `${model.forwards.length} steps`);
    }
  });

  it("changes no token of a text that is sampled with a seed", async () => {
    const sharp = (tokens: readonly number[]) => wandering(tokens).map((logit) => logit * 4);
    const sampling = { temperature: 0.8, seed: 3 };
    const plain = await decodeTokens(new FakeModel(200, sharp), noDrafts, 100, sampling);
    const drafter = drafting(() => plain.slice(0, 5));
    assert.deepEqual(await decodeTokens(new FakeModel(200, sharp), drafter, 100, sampling), plain);
  });

  it("leaves the distribution of sampled tokens unchanged", async () => {
    const probabilities = [0.5, 0.3, 0.2];
    const logits = new Float32Array(new FakeTokenizer().vocabSize).fill(-Infinity);
    for (const [token, probability] of probabilities.entries()) logits[token] = Math.log(probability);
    for (const draft of [
      [0, 0, 0],
      [2, 2, 2],
      [0, 2, 1, 0],
    ]) {
      const model = new FakeModel(20_000, () => logits);
      const tokens = await decodeTokens(
        model,
        drafting(() => draft),
        12_000,
        { temperature: 1, seed: 17 },
      );
      const statistic = chiSquaredOfPairs(tokens, probabilities);
      assert.ok(statistic < pairsCritical, `chi-squared ${statistic} with ${draft.join()}`);
    }
  }).timeout(20_000);

  it("counts the drafted and the accepted tokens, including the last one", async () => {
    const tokens: number[] = [];
    const measures = await decode(
      fakeContext(new FakeModel(60, wandering)),
      {
        prompt: { tokens: [1, 2, 3], head: 0 },
        choose: sampler(greedy),
        accept: (token) => tokens.push(token) < 5,
        drafter: drafting((sequence) => [...mostLikely(sequence, 2), 9]),
      },
      control(),
    );
    // Two right tokens, a wrong one and the model's own; then the two right ones that end the text.
    assert.deepEqual([measures.draftedTokens, measures.acceptedTokens], [6, 4]);
  });

  it("applies a stop rule inside a correct draft", async () => {
    const prefix = "foo(a, b)\nfoo(a, c)\n";
    const model = new FakeModel(256, saying("foo(a, b)\nfoo(a, b)\n", prefix));
    const context = fakeContext(model);
    const prompt = { header: "", prefix, suffix: "" };
    const completeLine = () =>
      complete(context, { prompt, stop: "line", maxTokens: 40, sampling: greedy, healing: false }, control());
    // The acceptance statistics must first show that such drafts are right.
    for (let i = 0; i < 5; i++) await completeLine();
    const before = model.forwards.length;
    const result = await completeLine();
    assert.equal(result.text, "foo(a, b)");
    assert.ok(model.forwards.length - before < result.tokens.length);
  });

  it("generates the exact number of tokens, and runs no token after the last one", async () => {
    const model = new FakeModel(256, saying("abc".repeat(50), "abcabcabc"));
    const request = { prompt: "abcabcabc", maxTokens: 20, sampling: greedy };
    const result = await generate(fakeContext(model), request, control());
    assert.equal(result.tokens.length, 20);
    assert.ok(model.computedTokens <= 9 + 20, `${model.computedTokens}`);
  });
});

describe("FallbackDrafter", () => {
  it("asks the costly drafter only where the first has no draft, and reports the chosen tokens to both", async () => {
    const records: unknown[] = [];
    const first: Drafter = {
      propose: (sequence) => (sequence.length > 1 ? [1] : []),
      record: (chosen, cost) => records.push(["first", chosen, cost]),
    };
    let asked = 0;
    const costly = {
      cost: 1.5,
      propose: () => {
        asked++;
        return [2];
      },
      record: (chosen: readonly number[]) => records.push(["costly", chosen]),
    };
    const drafter = new FallbackDrafter(first, costly);
    assert.deepEqual(await drafter.propose([0], 4, control()), [2]);
    drafter.record([2, 3]);
    assert.deepEqual(await drafter.propose([0, 2, 3], 4, control()), [1]);
    drafter.record([9]);
    assert.equal(asked, 1);
    assert.deepEqual(records, [
      ["first", [2, 3], 1.5],
      ["costly", [2, 3]],
      ["first", [9], undefined],
      ["costly", [9]],
    ]);
  });
});
