import assert from "node:assert/strict";
import { complete } from "../../../../../src/generation/complete";
import type { GenerationContext } from "../../../../../src/generation/context";
import { decode } from "../../../../../src/generation/decoding/loop";
import { generate } from "../../../../../src/generation/generate";
import { sampler } from "../../../../../src/generation/sampling/sampler";
import { ConfidenceCalibration } from "../../../../../src/generation/speculative/draftModel/confidenceCalibration";
import { DraftBudget } from "../../../../../src/generation/speculative/draftModel/draftBudget";
import { DraftModel } from "../../../../../src/generation/speculative/draftModel/draftModel";
import {
  control,
  fakeContext,
  FakeModel,
  FakeTokenizer,
  greedy,
  type LogitsFunction,
  saying,
  wandering,
} from "../../fakes";
import { chiSquaredOfPairs, pairsCritical } from "../chiSquared";
import { certain, draftersWith, draftModelDrafter, failTest } from "./support";

describe("drafting with a model", () => {
  it("leaves the distribution of sampled tokens unchanged", async () => {
    const probabilities = [0.5, 0.3, 0.2];
    for (const draftProbabilities of [probabilities, [0.05, 0.05, 0.9]]) {
      const draftModel = new FakeModel(512, constant(draftProbabilities));
      const drafter = draftModelDrafter(draftModel, {
        calibration: new OptimisticCalibration(),
        budget: new UnlimitedBudget(),
      });
      const tokens: number[] = [];
      const { acceptedTokens } = await decode(
        fakeContext(new FakeModel(20_000, constant(probabilities))),
        {
          prompt: { tokens: [1, 2, 0], head: 0 },
          choose: sampler({ ...greedy, temperature: 1, seed: 17 }),
          accept: (token) => tokens.push(token) < 12_000,
          drafter,
        },
        control(),
      );
      assert.ok(acceptedTokens > 1000, `${acceptedTokens} accepted`);
      const statistic = chiSquaredOfPairs(tokens, probabilities);
      assert.ok(statistic < pairsCritical, `chi-squared ${statistic}`);
    }
  }).timeout(30_000);

  it("applies a stop rule inside a correct draft", async () => {
    const [prefix, script] = ["let a = b", " + c;\nlet d = e;\n"];
    const model = new FakeModel(256, saying(script, prefix));
    const draftModel = new FakeModel(256, certain(saying(script, prefix)));
    const context = { ...fakeContext(model), drafters: draftersWith(draftModel) };
    const prompt = { header: "", prefix, suffix: "" };
    const request = { prompt, stop: "line", maxTokens: 40, sampling: greedy, healing: false } as const;
    const { text, finish, tokens, timings } = await complete(context, request, control());
    assert.deepEqual([text, finish], [" + c;", "stop"]);
    assert.equal(timings.acceptedTokens, tokens.length);
    assert.ok(timings.draftedTokens > tokens.length, "the draft goes on after the stop");
  });

  it("generates the exact number of tokens", async () => {
    const context = {
      ...fakeContext(new FakeModel(256, wandering)),
      drafters: draftersWith(new FakeModel(256, certain(wandering))),
    };
    for (const maxTokens of [1, 2, 7, 20]) {
      const { tokens } = await generate(context, { prompt: "abc", maxTokens, sampling: greedy }, control());
      assert.equal(tokens.length, maxTokens);
    }
  });

  it("does not draft tokens that repeat what healing rolled back", async () => {
    const draftModel = new FakeModel(256, certain(wandering));
    const drafter = draftModelDrafter(draftModel, { constrained: 2 });
    const sequence = [1, 2, 3];
    assert.deepEqual(await drafter.propose(sequence, 8, control()), []);
    drafter.record([4]);
    assert.deepEqual(await drafter.propose([...sequence, 4], 8, control()), []);
    drafter.record([5]);
    assert.equal(draftModel.forwards.length, 0);
    assert.ok((await drafter.propose([...sequence, 4, 5], 8, control())).length > 0);
  });

  it("reads only the end of a long text, in chunks, and after that only what is new", async () => {
    const draftModel = new FakeModel(1024, certain(wandering));
    const drafter = draftModelDrafter(draftModel);
    const sequence = Array.from({ length: 700 }, (_, i) => i % 200);
    let pauses = 0;
    const pause = () => {
      pauses++;
      return Promise.resolve();
    };
    const draft = await drafter.propose(sequence, 3, control({ pause }));
    assert.equal(draft.length, 3);
    assert.ok(draftModel.computedTokens <= 128 + 2, `${draftModel.computedTokens} tokens`);
    assert.ok(pauses >= 2, `${pauses} pauses`);
    const before = draftModel.computedTokens;
    drafter.record([...draft, 7]);
    // The last drafted token was never run, and the token after it is new.
    await drafter.propose([...sequence, ...draft, 7], 1, control());
    assert.equal(draftModel.computedTokens - before, 2);
    const beforeRollback = draftModel.computedTokens;
    await drafter.propose([...sequence, 8, 9], 1, control());
    assert.equal(draftModel.computedTokens - beforeRollback, 2, "rejected tokens are rolled back");
    assert.equal(draftModel.heldSlots, 0);
  });

  it("yields between two chunks, and stops when the request is cancelled", async () => {
    for (const pausesBeforeAbort of [1, 4]) {
      const [model, draftModel] = [new FakeModel(512, wandering), new FakeModel(512, certain(wandering))];
      const context: GenerationContext = { ...fakeContext(model), drafters: draftersWith(draftModel) };
      const signal = { aborted: false };
      let pauses = 0;
      const pause = () => {
        // The prompt is short enough for one chunk, so the first pauses are those of the draft model.
        if (++pauses === pausesBeforeAbort) signal.aborted = true;
        return Promise.resolve();
      };
      const tokens: number[] = [];
      const { cancelled } = await decode(
        context,
        {
          prompt: { tokens: Array.from({ length: 30 }, (_, i) => i), head: 0 },
          choose: sampler(greedy),
          accept: (token) => tokens.push(token) < 50,
          drafter: context.drafters.drafter(greedy),
        },
        control({ signal, pause }),
      );
      assert.ok(cancelled);
      assert.deepEqual([model.heldSlots, draftModel.heldSlots], [0, 0]);
      assert.equal(model.forwards.length, 0, "nothing is verified for a cancelled request");
      const request = { prompt: [1, 2, 3], maxTokens: 20, sampling: greedy };
      const drafted = await generate(context, request, control());
      const plain = await generate(fakeContext(model), request, control());
      assert.deepEqual(drafted.tokens, plain.tokens);
    }
  });

  it("lets another request run while it pauses", async () => {
    const [model, draftModel] = [new FakeModel(512, wandering), new FakeModel(512, certain(wandering))];
    const context: GenerationContext = { ...fakeContext(model), drafters: draftersWith(draftModel) };
    const request = (prompt: readonly number[]) => ({ prompt, maxTokens: 40, sampling: greedy });
    const plain = async (prompt: readonly number[]) =>
      (await generate(fakeContext(model), request(prompt), control())).tokens;
    let pauses = 0;
    const others: (readonly number[])[] = [];
    const pause = async () => {
      if (++pauses % 3 === 0) others.push((await generate(context, request([1, 2, 3]), control())).tokens);
    };
    const { tokens } = await generate(context, request([9, 8, 7]), control({ pause }));
    assert.deepEqual(tokens, await plain([9, 8, 7]));
    assert.ok(others.length > 3, `${others.length} other requests`);
    const expected = await plain([1, 2, 3]);
    for (const other of others) assert.deepEqual(other, expected);
    assert.deepEqual([model.heldSlots, draftModel.heldSlots], [0, 0]);
  });

  it("drafts no token that the target model lacks, and reads no text with a token that the draft model lacks", async () => {
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
    const draftModel = new DraftModel(padded, { vocabSize: 280, now: () => 0, onFailure: failTest });
    const first = await draftModel.continuation([1, 2, 3], control()).next();
    assert.ok(!first.done);
    assert.equal(first.value.token, 3);
    assert.ok((await draftModel.continuation([1, 285, 3], control()).next()).done);
  });

  it("releases its slot when the rest of a continuation is not wanted", async () => {
    const model = new FakeModel(256, certain(wandering));
    const draftModel = new DraftModel(model, { vocabSize: 270, now: () => 0, onFailure: failTest });
    for await (const { tokensRead } of draftModel.continuation([1, 2, 3], control())) {
      assert.deepEqual([tokensRead, model.heldSlots], [3, 1]);
      break;
    }
    assert.equal(model.heldSlots, 0);
  });

  it("suspends drafts while they are wrong, retries ever less often, and resumes when they are right", async () => {
    const draftModel = new FakeModel(8192, certain(oneHot(5)));
    const drafter = draftModelDrafter(draftModel);
    const sequence = [1, 2, 3];
    const forwardsIn = async (steps: number, next: number) => {
      const before = draftModel.forwards.length;
      for (let step = 0; step < steps; step++) {
        const draft = await drafter.propose(sequence, 8, control());
        const wrong = draft.findIndex((token) => token !== next);
        const chosen = Array<number>((wrong < 0 ? draft.length : wrong) + 1).fill(next);
        drafter.record(chosen);
        sequence.push(...chosen);
      }
      return draftModel.forwards.length - before;
    };
    const first = await forwardsIn(100, 6);
    const later = await forwardsIn(1000, 6);
    assert.ok(first > 0 && later < 400, `${first} forwards in 100 steps, then ${later} in 1000`);
    await forwardsIn(1100, 5);
    const useful = await forwardsIn(100, 5);
    assert.ok(useful > 300, `${useful} forwards in 100 steps`);
  }).timeout(30_000);
});

/** Expects every token to be accepted with probability 0.9. */
class OptimisticCalibration extends ConfidenceCalibration {
  override acceptance(): number {
    return 0.9;
  }
}

class UnlimitedBudget extends DraftBudget {
  override mayDraft(): boolean {
    return true;
  }
}

/** The same distribution after every text: the probabilities of the first token ids. */
function constant(probabilities: readonly number[]): LogitsFunction {
  const logits = new Float32Array(new FakeTokenizer().vocabSize).fill(-Infinity);
  for (const [token, probability] of probabilities.entries()) logits[token] = Math.log(probability);
  return () => logits;
}

function oneHot(token: number): LogitsFunction {
  const logits = new Float32Array(new FakeTokenizer().vocabSize);
  logits[token] = 1;
  return () => logits;
}
