import assert from "node:assert/strict";
import { type GenerationContext, generationContext } from "../../../../src/generation/context";
import { complete } from "../../../../src/generation/complete";
import { decode } from "../../../../src/generation/decoding/decode";
import { DraftMemory } from "../../../../src/generation/speculative/draftMemory";
import { DraftModel } from "../../../../src/generation/speculative/draftModel";
import { DraftModelCosts } from "../../../../src/generation/speculative/draftModelCosts";
import { draftWindow } from "../../../../src/generation/speculative/draftWindow";
import { generate } from "../../../../src/generation/generate";
import { ModelDrafter } from "../../../../src/generation/speculative/modelDrafter";
import { ModelEvidence } from "../../../../src/generation/speculative/modelEvidence";
import { likeliest } from "../../../../src/generation/sampling/likeliest";
import { sampler } from "../../../../src/generation/sampling/sampler";
import { parseHuggingFaceConfig } from "../../../../src/gpt2/config/huggingFaceConfig";
import type { LanguageModel, Precision } from "../../../../src/gpt2/languageModel";
import { tokenizerFor } from "../../../../src/tokenizer/tokenizerFor";
import { openTestModel } from "../../../fixtures/runtime";
import { oracleConfigJson, randomWeights, syntheticWeights } from "../../../fixtures/syntheticModel";
import models from "../../../fixtures/oracle/synthetic_models.json";
import {
  AssumedCosts,
  control,
  fakeContext,
  FakeModel,
  FakeTokenizer,
  greedy,
  saying,
  type Thought,
  wandering,
} from "../fakes";

const ids = (count: number, seed: number) => Array.from({ length: count }, (_, i) => (i * 7919 + 13 * seed) % 50257);

/** What drafts are decided by where guesses cost a twentieth of a step, and all of it stands still. */
function drafts(smaller: LanguageModel, { vocabSize = smaller.config.vocabSize, failures = [] as unknown[] } = {}) {
  const costs = new AssumedCosts();
  const options = { vocabSize, now: () => performance.now(), onFailure: (error: unknown) => void failures.push(error) };
  return new DraftMemory(costs, {
    model: new DraftModel(smaller, options),
    costs: new DraftModelCosts(costs, 0.05),
  });
}

/** A drafter that has a model and nothing else. */
function modelDrafter(smaller: LanguageModel, evidence = new ModelEvidence(), constrained = 0): ModelDrafter {
  const costs = new AssumedCosts();
  const options = { vocabSize: smaller.config.vocabSize, now: () => 0, onFailure: failed };
  const draftCosts = new DraftModelCosts(costs, 0.05);
  return new ModelDrafter(new DraftModel(smaller, options), {
    evidence,
    costs,
    draftCosts,
    speed: () => 1,
    constrained,
  });
}

describe("drafting with a model", () => {
  describe("real models", function () {
    this.timeout(60_000);
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

    async function writes(
      model: LanguageModel,
      smaller: LanguageModel | undefined,
      prompt: readonly number[],
      count: number,
      temperature = 0,
    ) {
      const context = generationContext(model, tokenizerFor(model.config));
      let steps = 0;
      const pause = () => {
        steps++;
        return Promise.resolve();
      };
      const before = model.computedTokens;
      const run = { ...context, drafts: smaller ? drafts(smaller) : new DraftMemory(new AssumedCosts()) };
      const request = { prompt, maxTokens: count, sampling: { ...greedy, temperature, seed: count } };
      const { tokens, timings } = await generate(run, request, control({ pause }));
      return { tokens, timings, steps, computed: model.computedTokens - before };
    }

    for (const precision of ["f32", "int8"] as const) {
      it(`takes all that a model drafts for itself, in ${precision}`, async () => {
        const [model, same] = [await open("same", precision), await open("same", precision)];
        const { tokens, timings } = await writes(model, same, ids(20, 3), 60);
        const plain = await writes(model, undefined, ids(20, 3), 60);
        assert.deepEqual(tokens, plain.tokens);
        assert.equal(timings.acceptedTokens, timings.draftedTokens);
        const stepsOfModel = tokens.length - timings.acceptedTokens;
        assert.ok(stepsOfModel < 0.5 * tokens.length, `${stepsOfModel} steps for ${tokens.length} tokens`);
      });

      it(`changes no token with other weights, also where the windows move, in ${precision}`, async () => {
        const model = await open("same", precision);
        for (const seed of [1, 2, 3]) {
          const other = await open(seed, precision);
          for (const [length, count] of [
            [3, 40],
            [90, 120],
            [128, 30],
          ] as const) {
            const plain = await writes(model, undefined, ids(length, seed), count);
            const drafted = await writes(model, other, ids(length, seed), count);
            assert.deepEqual(drafted.tokens, plain.tokens, `weights ${seed}, ${length} + ${count} tokens`);
            assert.equal(plain.tokens.length, count);
          }
        }
      });
    }

    it("changes no token of a seeded text", async () => {
      const [model, same] = [await open("same", "int8"), await open("same", "int8")];
      const plain = await writes(model, undefined, ids(50, 5), 150, 0.2);
      const drafted = await writes(model, same, ids(50, 5), 150, 0.2);
      assert.deepEqual(drafted.tokens, plain.tokens);
      assert.ok(drafted.timings.acceptedTokens > 0);
    });

    it("does not draft, and goes on, when its model fails", async () => {
      const [model, broken] = [await open("same", "int8"), await open(1, "int8")];
      const plain = await writes(model, undefined, ids(20, 3), 20);
      broken.forward = () => Promise.reject(new Error("out of memory"));
      const failures: unknown[] = [];
      const context = {
        ...generationContext(model, tokenizerFor(model.config)),
        drafts: drafts(broken, { failures }),
      };
      for (let i = 0; i < 2; i++) {
        const { tokens } = await generate(context, { prompt: ids(20, 3), maxTokens: 20, sampling: greedy }, control());
        assert.deepEqual(tokens, plain.tokens);
      }
      assert.match(String(failures), /^Error: out of memory$/);
    });
  });

  it("leaves the distribution as it is with a temperature", async () => {
    const probabilities = [0.5, 0.3, 0.2];
    const vocabSize = new FakeTokenizer().vocabSize;
    const thinking = (shares: readonly number[]): Thought => {
      const logits = new Float32Array(vocabSize).fill(-Infinity);
      for (const [token, share] of shares.entries()) logits[token] = Math.log(share);
      return () => logits;
    };
    for (const shares of [probabilities, [0.05, 0.05, 0.9]]) {
      const smaller = new FakeModel(512, thinking(shares));
      const context = { ...fakeContext(new FakeModel(20_000, thinking(probabilities))), drafts: drafts(smaller) };
      const tokens: number[] = [];
      const sampling = { ...greedy, temperature: 1, seed: 17 };
      const drafter = modelDrafter(smaller, new Eagerness());
      const accept = (token: number) => tokens.push(token) < 12_000;
      const { acceptedTokens } = await decode(
        context,
        { prompt: { tokens: [1, 2, 0], head: 0 }, choose: sampler(sampling), accept, drafter },
        control(),
      );
      assert.ok(acceptedTokens > 1000, `${acceptedTokens} accepted`);
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
      assert.ok(chi < 26.1, `chi-squared ${chi}`);
    }
  }).timeout(30_000);

  it("honours a stop rule inside a draft that is right", async () => {
    const [prefix, script] = ["let a = b", " + c;\nlet d = e;\n"];
    const model = new FakeModel(256, saying(script, prefix));
    const context = { ...fakeContext(model), drafts: drafts(new FakeModel(256, sure(saying(script, prefix)))) };
    const prompt = { header: "", prefix, suffix: "" };
    const request = { prompt, stop: "line", maxTokens: 40, sampling: greedy, healing: false } as const;
    const { text, finish, tokens, timings } = await complete(context, request, control());
    assert.deepEqual([text, finish], [" + c;", "stop"]);
    assert.ok(timings.draftedTokens > timings.acceptedTokens || timings.acceptedTokens === tokens.length);
    assert.ok(timings.acceptedTokens >= 3, `${timings.acceptedTokens} accepted`);
  });

  it("writes the exact number of tokens", async () => {
    const context = {
      ...fakeContext(new FakeModel(256, wandering)),
      drafts: drafts(new FakeModel(256, sure(wandering))),
    };
    for (const maxTokens of [1, 2, 7, 20]) {
      const { tokens } = await generate(context, { prompt: "abc", maxTokens, sampling: greedy }, control());
      assert.equal(tokens.length, maxTokens);
    }
  });

  it("does not guess what repeats the end of the prompt that was taken back", async () => {
    const smaller = new FakeModel(256, sure(wandering));
    const drafter = modelDrafter(smaller, new ModelEvidence(), 2);
    const sequence = [1, 2, 3];
    assert.deepEqual(await drafter.propose(sequence, 8, control()), []);
    drafter.record([4]);
    assert.deepEqual(await drafter.propose([...sequence, 4], 8, control()), []);
    drafter.record([5]);
    assert.equal(smaller.forwards.length, 0);
    assert.ok((await drafter.propose([...sequence, 4, 5], 8, control())).length > 0);
  });

  it("reads the end of a long text only, in chunks, and then what is new", async () => {
    const smaller = new FakeModel(1024, sure(wandering));
    const drafter = modelDrafter(smaller);
    const sequence = Array.from({ length: 700 }, (_, i) => i % 200);
    let pauses = 0;
    const pause = () => {
      pauses++;
      return Promise.resolve();
    };
    const watched = control({ pause });
    const draft = await drafter.propose(sequence, 3, watched);
    assert.equal(draft.length, 3);
    assert.ok(smaller.computedTokens <= 128 + 2 && pauses >= 2, `${smaller.computedTokens} tokens, ${pauses} pauses`);
    const before = smaller.computedTokens;
    drafter.record([...draft, 7]);
    // The last drafted token was never run; the one behind it is new.
    await drafter.propose([...sequence, ...draft, 7], 1, control());
    assert.equal(smaller.computedTokens - before, 2);
    const rolled = smaller.computedTokens;
    await drafter.propose([...sequence, 8, 9], 1, control());
    assert.equal(smaller.computedTokens - rolled, 2, "what was drafted in vain is forgotten");
    assert.equal(smaller.heldSlots, 0);
  });

  it("gives way between two chunks, and stops when the request is cancelled", async () => {
    for (const after of [1, 4]) {
      const [model, smaller] = [new FakeModel(512, wandering), new FakeModel(512, sure(wandering))];
      const context: GenerationContext = { ...fakeContext(model), drafts: drafts(smaller) };
      const signal = { aborted: false };
      let pauses = 0;
      const pause = () => {
        // The model's own prompt is short: the first pauses are those of the draft model.
        if (++pauses === after) signal.aborted = true;
        return Promise.resolve();
      };
      const prompt = { tokens: Array.from({ length: 30 }, (_, i) => i), head: 0 };
      const drafter = context.drafts.drafter(greedy);
      const choose = sampler(greedy);
      const tokens: number[] = [];
      const accept = (token: number) => tokens.push(token) < 50;
      const { cancelled } = await decode(context, { prompt, choose, accept, drafter }, control({ signal, pause }));
      assert.ok(cancelled);
      assert.deepEqual([model.heldSlots, smaller.heldSlots], [0, 0]);
      assert.equal(model.forwards.length, 0, "nothing is checked for a request that nobody wants");
      const fresh = await generate(context, { prompt: [1, 2, 3], maxTokens: 20, sampling: greedy }, control());
      const plain = await generate(
        fakeContext(model),
        { prompt: [1, 2, 3], maxTokens: 20, sampling: greedy },
        control(),
      );
      assert.deepEqual(fresh.tokens, plain.tokens);
    }
  });

  it("lets another text be written while it pauses", async () => {
    const [model, smaller] = [new FakeModel(512, wandering), new FakeModel(512, sure(wandering))];
    const context: GenerationContext = { ...fakeContext(model), drafts: drafts(smaller) };
    const write = (prompt: readonly number[], pause: () => Promise<void>) =>
      generate(context, { prompt, maxTokens: 40, sampling: greedy }, control({ pause }));
    const still = () => Promise.resolve();
    const plain = async (prompt: readonly number[]) =>
      (await generate(fakeContext(model), { prompt, maxTokens: 40, sampling: greedy }, control())).tokens;
    let pauses = 0;
    const others: (readonly number[])[] = [];
    const long = await write([9, 8, 7], async () => {
      if (++pauses % 3 === 0) others.push((await write([1, 2, 3], still)).tokens);
    });
    assert.deepEqual(long.tokens, await plain([9, 8, 7]));
    assert.ok(others.length > 3);
    const expected = await plain([1, 2, 3]);
    for (const tokens of others) assert.deepEqual(tokens, expected);
    assert.deepEqual([model.heldSlots, smaller.heldSlots], [0, 0]);
  });

  it("drafts no token that the larger model does not have, and reads none that the smaller one has not", async () => {
    const padded = new FakeModel(
      256,
      (tokens) => {
        const logits = new Float32Array(300);
        logits[290] = 30;
        logits[tokens.length % 7] = 20;
        return logits;
      },
      300,
    );
    const draft = new DraftModel(padded, { vocabSize: 280, now: () => 0, onFailure: failed });
    for await (const { token } of draft.continuation([1, 2, 3], control())) {
      assert.equal(token, 3);
      break;
    }
    assert.ok((await draft.continuation([1, 285, 3], control()).next()).done);
    assert.equal(padded.heldSlots, 0);
  });

  it("falls silent where it is of no use, tries again ever more seldom, and comes back when it is", async () => {
    const smaller = new FakeModel(
      8192,
      sure(() => hot(5)),
    );
    const drafter = modelDrafter(smaller, new ModelEvidence());
    const sequence = [1, 2, 3];
    const asked = async (steps: number, next: number) => {
      const before = smaller.forwards.length;
      for (let step = 0; step < steps; step++) {
        const draft = await drafter.propose(sequence, 8, control());
        const right = draft.findIndex((token) => token !== next);
        const chosen = Array<number>((right < 0 ? draft.length : right) + 1).fill(next);
        drafter.record(chosen);
        sequence.push(...chosen);
      }
      return smaller.forwards.length - before;
    };
    const first = await asked(100, 6);
    const then = await asked(1000, 6);
    assert.ok(first > 0 && then < 400, `${first} runs in 100 steps, ${then} in 1000`);
    await asked(1100, 5);
    const useful = await asked(100, 5);
    assert.ok(useful > 300, `${useful} runs in 100 steps`);
  }).timeout(30_000);
});

describe("what is learned of a draft model", () => {
  it("begins with its own word and goes by what came of it", () => {
    const evidence = new ModelEvidence();
    assert.ok(Math.abs(evidence.probability(0.85) - 0.85) < 1e-9);
    for (let i = 0; i < 100; i++) evidence.record(0.85, i % 4 === 0);
    assert.ok(Math.abs(evidence.probability(0.85) - 0.27) < 0.05, `${evidence.probability(0.85)}`);
    assert.ok(Math.abs(evidence.probability(0.4) - 0.4) < 1e-9);
    assert.ok(evidence.usual < 0.45);
  });

  it("does not charge a trial for what must be read first, but later steps", () => {
    const evidence = new ModelEvidence();
    assert.ok(evidence.wanted());
    evidence.recordStep(1, 1, 100);
    assert.ok(evidence.wanted());
    evidence.recordStep(1, 1, 100);
    assert.ok(!evidence.wanted());
  });
});

describe("the cost of a guess", () => {
  it("is assumed until both models were measured, and then what it was", () => {
    const steps: { plainMs: number | undefined } = { plainMs: undefined };
    const costs = new DraftModelCosts(steps, 0.3);
    assert.equal(costs.guess, 0.3);
    for (let i = 0; i < 200; i++) costs.record(i === 150 ? 1000 : 5);
    assert.equal(costs.guess, 0.3);
    steps.plainMs = 50;
    assert.ok(Math.abs(costs.guess - 0.1) < 0.01, `${costs.guess}`);
  });
});

describe("the window of a draft model", () => {
  const size = { fresh: 8, longest: 20 };
  const text = Array.from({ length: 100 }, (_, i) => i);

  it("begins a little before the end, and stays while the text grows", () => {
    const first = draftWindow(text.slice(0, 50), undefined, size);
    assert.deepEqual([first.start, first.tokens], [42, text.slice(42, 50)]);
    assert.equal(draftWindow(text.slice(0, 57), first, size).start, 42);
    assert.equal(draftWindow(text.slice(0, 5), undefined, size).start, 0);
  });

  it("begins anew when it is full, when much is to be read, when little is left, and in another text", () => {
    const first = draftWindow(text.slice(0, 50), undefined, size);
    assert.equal(draftWindow(text.slice(0, 63), { ...first, tokens: text.slice(42, 62) }, size).start, 55);
    assert.equal(draftWindow(text.slice(0, 60), first, size).start, 52);
    assert.equal(draftWindow(text.slice(0, 45), first, size).start, 37);
    assert.equal(draftWindow(text.slice(0, 60).toReversed(), first, size).start, 52);
  });
});

describe("likeliest", () => {
  it("gives the softmax's largest probability and its token", () => {
    const { token, probability } = likeliest(Float32Array.of(0, Math.log(6), -Infinity, Math.log(3)));
    assert.equal(token, 1);
    assert.ok(Math.abs(probability - 0.6) < 1e-6);
  });
});

/** Drafts whatever comes of it. */
class Eagerness extends ModelEvidence {
  override wanted(): boolean {
    return true;
  }
  override probability(): number {
    return 0.9;
  }
}

function failed(error: unknown): void {
  assert.fail(String(error));
}

/** The thought with sharper logits, as of a model that is sure of what it says. */
function sure(think: Thought): Thought {
  return (tokens) => think(tokens).map((logit) => 1000 * logit);
}

/** Logits of a model that knows one token. */
function hot(token: number): Float32Array {
  const logits = new Float32Array(new FakeTokenizer().vocabSize);
  logits[token] = 1;
  return logits;
}
