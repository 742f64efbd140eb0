import assert from "node:assert/strict";
import { decode } from "../../../../src/generation/decoding/decode";
import { DraftEvidence } from "../../../../src/generation/speculative/draftEvidence";
import { bestLength, draftsAtMost, noDrafts, type Drafter } from "../../../../src/generation/speculative/drafting";
import { IndexedText } from "../../../../src/generation/speculative/bigramIndex";
import { PromptLookup } from "../../../../src/generation/speculative/promptLookup";
import { StepCosts } from "../../../../src/generation/speculative/stepCosts";
import { complete } from "../../../../src/generation/complete";
import { generate } from "../../../../src/generation/generate";
import { argmax } from "../../../../src/generation/sampling/largest";
import { seededRandom } from "../../../../src/generation/sampling/random";
import { sampler } from "../../../../src/generation/sampling/sampler";
import { control, fakeContext, FakeModel, greedy, saying, wandering } from "../fakes";

/** Drafts the given tokens at every step, right or wrong. */
const always = (draft: (sequence: readonly number[]) => readonly number[]): Drafter => ({
  propose: (sequence, room) => draft(sequence).slice(0, room),
  record: () => undefined,
});

async function text(model: FakeModel, drafter: Drafter, count: number, temperature = 0, seed = 1) {
  const tokens: number[] = [];
  const choose = sampler({ ...greedy, temperature, seed });
  const accept = (token: number) => tokens.push(token) < count;
  await decode(fakeContext(model), { prompt: { tokens: [1, 2, 3], head: 0 }, choose, accept, drafter }, control());
  return tokens;
}

describe("drafting", () => {
  it("changes no token, whether drafts are right, wrong or right in part", async () => {
    const plain = await text(new FakeModel(60, wandering), noDrafts, 150);
    const random = seededRandom(4);
    const next = (sequence: readonly number[]) => argmax(wandering(sequence));
    const drafters = {
      wrong: always(() => [5, 6, 7]),
      right: always((sequence) => {
        const draft: number[] = [];
        for (let i = 0; i < 6; i++) draft.push(next([...sequence, ...draft]));
        return draft;
      }),
      partly: always((sequence) => {
        const draft: number[] = [];
        for (let i = 0; i < 6; i++) draft.push(random() < 0.7 ? next([...sequence, ...draft]) : 9);
        return draft;
      }),
      lookup: lookup([plain]),
    };
    for (const [name, drafter] of Object.entries(drafters)) {
      const model = new FakeModel(60, wandering);
      assert.deepEqual(await text(model, drafter, 150), plain, name);
      assert.equal(model.heldSlots, 0);
      if (name === "right") assert.ok(model.forwards.length < 40, `${model.forwards.length} steps`);
    }
  });

  it("changes no token of a seeded text either", async () => {
    const sharp = (tokens: readonly number[]) => wandering(tokens).map((logit) => logit * 4);
    const plain = await text(new FakeModel(200, sharp), noDrafts, 100, 0.8, 3);
    const drafted = await text(
      new FakeModel(200, sharp),
      always(() => plain.slice(0, 5)),
      100,
      0.8,
      3,
    );
    assert.deepEqual(drafted, plain);
  });

  it("leaves the distribution as it is with a temperature", async () => {
    const probabilities = [0.5, 0.3, 0.2];
    const logits = new Float32Array(fakeVocabulary).fill(-Infinity);
    for (const [token, probability] of probabilities.entries()) logits[token] = Math.log(probability);
    // Drafts of the likeliest, of the least likely and of both: counts of token pairs must be as those of independent draws.
    for (const draft of [
      [0, 0, 0],
      [2, 2, 2],
      [0, 2, 1, 0],
    ]) {
      const tokens = await text(
        new FakeModel(20_000, () => logits),
        always(() => draft),
        12_000,
        1,
        17,
      );
      const counts = new Float64Array(9);
      for (let i = 0; i + 1 < tokens.length; i += 2) {
        const pair = 3 * (tokens[i] ?? 0) + (tokens[i + 1] ?? 0);
        counts[pair] = (counts[pair] ?? 0) + 1;
      }
      const chi = counts.reduce((sum, count, pair) => {
        const expected = 6000 * (probabilities[Math.floor(pair / 3)] ?? 0) * (probabilities[pair % 3] ?? 0);
        return sum + (count - expected) ** 2 / expected;
      }, 0);
      // 8 degrees of freedom: 26.1 is passed once in a thousand times, and the seed is fixed.
      assert.ok(chi < 26.1, `chi-squared ${chi} with ${draft.join()}`);
    }
  }).timeout(20_000);

  it("counts what was drafted and what the model agreed with, the last token too", async () => {
    const model = new FakeModel(60, wandering);
    const choose = sampler(greedy);
    const tokens: number[] = [];
    const next = (sequence: readonly number[]) => argmax(wandering(sequence));
    const drafter = always((sequence) => {
      const right = next(sequence);
      return [right, next([...sequence, right]), 9];
    });
    const accept = (token: number) => tokens.push(token) < 5;
    const prompt = { tokens: [1, 2, 3], head: 0 };
    const measures = await decode(fakeContext(model), { prompt, choose, accept, drafter }, control());
    // Two right, one wrong and a token of its own; then the two right ones that end the text.
    assert.deepEqual([measures.draftedTokens, measures.acceptedTokens], [6, 4]);
  });

  it("honours stop rules inside a draft that is right", async () => {
    const script = "foo(a, b)\nfoo(a, b)\n";
    const model = new FakeModel(256, saying(script, "foo(a, b)\nfoo(a, c)\n"));
    const context = fakeContext(model);
    const prompt = { header: "", prefix: "foo(a, b)\nfoo(a, c)\n", suffix: "" };
    const write = () =>
      complete(context, { prompt, stop: "line", maxTokens: 40, sampling: greedy, healing: false }, control());
    // It is learned that such drafts are right.
    for (let i = 0; i < 5; i++) await write();
    const before = model.forwards.length;
    const result = await write();
    assert.equal(result.text, "foo(a, b)");
    assert.ok(model.forwards.length - before < result.tokens.length);
  });

  it("writes the exact number of tokens, and reads no token in vain at the end", async () => {
    const model = new FakeModel(256, saying("abc".repeat(50), "abcabcabc"));
    const request = { prompt: "abcabcabc", maxTokens: 20, sampling: greedy };
    const result = await generate(fakeContext(model), request, control());
    assert.equal(result.tokens.length, 20);
    assert.ok(model.computedTokens <= 9 + 20, `${model.computedTokens}`);
  });
});

describe("prompt lookup", () => {
  it("proposes what most places go on with, longer matches first", () => {
    assert.deepEqual(lookup().propose([1, 2, 3, 9, 1, 2, 4, 9, 1, 2], 1), [4], "of equal matches the latest");
    assert.deepEqual(lookup().propose([1, 2, 3, 9, 1, 2, 3, 9, 1, 2, 4, 9, 1, 2], 1), [3], "of equal matches the most");
    assert.deepEqual(lookup().propose([7, 1, 2, 3, 9, 8, 1, 2, 4, 9, 7, 1, 2], 1), [3], "the longest match");
    assert.deepEqual(lookup([[5, 1, 2, 6, 7]]).propose([5, 1, 2], 1), [6]);
    assert.deepEqual(lookup().propose([1, 2, 3], 4), []);
    assert.deepEqual(lookup().propose([1], 4), []);
    assert.deepEqual(lookup([[1, 2, 3]]).propose([1, 2], 0), []);
  });

  it("follows a repetition past its own end", () => {
    const draft = lookup().propose([1, 2, 1, 2, 1, 2], 16);
    assert.ok(draft.length > 4, `${draft.length} tokens`);
    assert.deepEqual(draft, [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2].slice(0, draft.length));
  });

  it("never proposes more than there is room for", async () => {
    const drafter = draftsAtMost(() => 1, lookup([[1, 2, 3, 4, 5, 6]]));
    assert.equal((await drafter.propose([1, 2], 5, control())).length, 1);
    assert.deepEqual(await draftsAtMost(() => -1, lookup([[1, 2, 3]])).propose([1, 2], 5, control()), []);
  });

  it("drafts more while it is right, nothing while it is wrong, and finds out when that changes", () => {
    const text = Array.from({ length: 30 }, (_, i) => i);
    const evidence = new DraftEvidence();
    const drafter = new PromptLookup(evidence, new StepCosts(), [new IndexedText(text)]);
    const length = () => drafter.propose([3, 4, 5], 16).length;
    const start = length();
    for (let i = 0; i < 20; i++) {
      const draft = drafter.propose([3, 4, 5], 16);
      drafter.record(text.slice(6, 6 + draft.length + 1));
    }
    assert.ok(length() > start + 3 && length() <= 16, `${start}, then ${length()}`);
    for (let i = 0; i < 200; i++) {
      drafter.propose([3, 4, 5], 16);
      drafter.record([99]);
    }
    assert.equal(length(), 0);
    let steps = 0;
    for (; length() === 0 && steps < 1000; steps++) drafter.record(text.slice(6, 7));
    assert.ok(steps > 10 && steps < 500, `${steps} steps`);
  });

  it("trusts places that agree more than places that do not", () => {
    const evidence = new DraftEvidence();
    teach(evidence, (agreement) => agreement === "all");
    const drafter = new PromptLookup(evidence, new StepCosts(), []);
    assert.ok(drafter.propose([1, 2, 3, 8, 1, 2, 3, 9, 1, 2], 16).length > 0);
    assert.equal(drafter.propose([1, 2, 3, 8, 1, 2, 4, 9, 1, 2], 16).length, 0);
  });
});

describe("the length of a draft", () => {
  const cost = (extra: number) => (drafted: number) => 1 + extra * drafted;

  it("grows with the chance of the tokens and shrinks with what they cost", () => {
    const likely = new Array<number>(8).fill(0.9);
    assert.equal(bestLength(likely, cost(0.05), 1), 8);
    assert.equal(bestLength(likely, cost(0.5), 1), 6);
    assert.equal(bestLength(likely, cost(0.5), 1.5), 2);
    assert.equal(bestLength(likely, cost(1), 1), 0);
    assert.equal(bestLength([0.3, 1, 1, 1], cost(0.4), 1), 0);
    assert.equal(bestLength([0.3, 1, 1, 1], cost(0.2), 1), 4);
    assert.equal(bestLength([], cost(0), 1), 0);
  });
});

describe("the costs of steps", () => {
  it("are learned from what steps take", () => {
    const costs = new StepCosts();
    const assumed = costs.of(4);
    for (const [drafted, ms] of [
      [0, 10],
      [3, 13],
      [0, 10],
      [8, 18],
      [2, 12],
      [8, 18],
      [0, 10],
      [8, 18],
    ] as const) {
      costs.record(drafted, ms, 100);
    }
    assert.ok(Math.abs(costs.of(8) - 1.8) < 0.05, `${costs.of(8)}`);
    assert.equal(costs.of(0), 1);
    assert.ok(assumed > costs.of(4));
  });

  it("do not believe a step that something else held up, and follow when the machine has changed", () => {
    const costs = new StepCosts();
    for (let i = 0; i < 50; i++) costs.record(i % 3, 10 * (1 + 0.2 * (i % 3)), 100);
    const before = costs.of(8);
    costs.record(0, 900, 100);
    costs.record(2, 900, 100);
    assert.ok(costs.of(8) < 1.4 * before, `${costs.of(8)} after ${before}`);
    for (let i = 0; i < 400; i++) costs.record(i % 3, 30 * (1 + 0.5 * (i % 3)), 100);
    assert.ok(Math.abs(costs.of(8) - 5) < 0.2, `${costs.of(8)}`);
  });

  it("are not confused by texts of another length, whose every step takes longer", () => {
    const costs = new StepCosts();
    for (let i = 0; i < 60; i++) {
      costs.record(0, 10, 100);
      costs.record(2, 14, 110);
      costs.record(0, 30, 900);
      costs.record(2, 42, 910);
    }
    assert.ok(Math.abs(costs.of(2) - 1.4) < 1e-9, `${costs.of(2)}`);
    costs.record(2, 500, 500);
    assert.ok(Math.abs(costs.of(2) - 1.4) < 1e-9, "there is nothing to compare it with");
  });

  it("come back to what was assumed when no draft was worth it for long", () => {
    const costs = new StepCosts();
    const assumed = costs.of(4);
    for (let i = 0; i < 10; i++) {
      costs.record(0, 10, 100);
      costs.record(2, 90, 100);
    }
    assert.ok(costs.of(4) > assumed);
    let steps = 0;
    for (; costs.of(4) > assumed && steps < 2000; steps++) costs.record(0, 10, 100);
    assert.ok(steps > 16 && steps < 1000, `${steps} steps`);
  });

  it("stay as they are where the clock does not move", () => {
    const costs = new StepCosts();
    const assumed = costs.of(4);
    costs.record(0, 0, 100);
    costs.record(4, 0, 100);
    assert.equal(costs.of(4), assumed);
  });
});

/** A drafter that has seen many right tokens. */
function lookup(texts: readonly (readonly number[])[] = []): PromptLookup {
  const evidence = new DraftEvidence();
  teach(evidence, () => true);
  return new PromptLookup(
    evidence,
    new StepCosts(),
    texts.map((text) => new IndexedText(text)),
  );
}

/** Shows the evidence many tokens of each kind. */
function teach(evidence: DraftEvidence, right: (agreement: string) => boolean): void {
  for (const agreement of ["divided", "single", "mostly", "all"] as const) {
    for (let match = 1; match <= 12; match++) {
      for (let i = 0; i < 30; i++) evidence.record({ match, agreement }, right(agreement));
    }
  }
}

const fakeVocabulary = wandering([]).length;
