import assert from "node:assert/strict";
import { topCandidates } from "../../../../src/generation/inspection/candidates";
import { LogitsError } from "../../../../src/generation/sampling/finite";
import { largest } from "../../../../src/generation/sampling/largest";
import { seededRandom } from "../../../../src/generation/sampling/random";
import type { SamplingOptions } from "../../../../src/generation/sampling/options";
import type { Distribution } from "../../../../src/generation/sampling/distribution";
import { atMostSurprising } from "../../../../src/generation/sampling/processors/mirostat";
import { distribution, filtersFor, processorsFor } from "../../../../src/generation/sampling/processors/registry";
import { draw, sampler } from "../../../../src/generation/sampling/sampler";
import { FakeTokenizer, greedy, wandering } from "../fakes";

describe("sampling", () => {
  it("takes the first of equal logits when greedy", () => {
    assert.equal(sampler(greedy)(Float32Array.of(1, 3, 3, 2)), 1);
    assert.equal(sampler({ ...greedy, temperature: 9e-7 })(Float32Array.of(3, 1, 3)), 0);
  });

  it("finds the largest values in order, the first on ties, whatever the order they come in", () => {
    const random = seededRandom(5);
    for (const values of [
      Float32Array.from({ length: 5000 }, () => Math.floor(random() * 500)),
      Float32Array.from({ length: 999 }, (_, i) => i),
      Float32Array.from({ length: 999 }, (_, i) => -i),
      new Float32Array(50).fill(2),
    ]) {
      const sorted = [...values.keys()].sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
      for (const count of [0, 1, 7, 40, 5000]) assert.deepEqual([...largest(values, count)], sorted.slice(0, count));
    }
  });

  it("never draws a token that was ruled out", () => {
    const some = new Float32Array(100).fill(-Infinity);
    some[3] = 1;
    some[50] = 1;
    for (const u of [0, 0.2, 0.7, 1 - 2 ** -32]) {
      for (const options of [
        { temperature: 1, topK: 0, topP: 1 },
        { temperature: 1, topK: 10, topP: 0.9, minP: 0.1, typicalP: 0.9 },
      ]) {
        assert.ok([3, 50].includes(draw(distribution(some, options, filtersFor(options)), u)));
      }
    }
    assert.equal(draw({ tokens: Int32Array.of(7, 8), probabilities: Float64Array.of(1 - 1e-9, 0) }, 1 - 1e-10), 7);
  });

  for (const [name, options] of Object.entries<Partial<SamplingOptions>>({
    "temperature 1": {},
    "temperature 0.7": { temperature: 0.7 },
    "top-k": { topK: 4 },
    "top-k, top-p and min-p": { topK: 9, topP: 0.9, minP: 0.15 },
    "top-p": { topP: 0.8 },
    "min-p": { minP: 0.2 },
    typical: { typicalP: 0.7 },
    "tinygrad's numbers": { randomStream: { kind: "threefry", counter: 1000, row: 2, rows: 5 } },
  })) {
    it(`draws as often as the probabilities say: ${name}`, () => {
      const all = { ...greedy, temperature: 1, seed: 11, ...options };
      const logits = Float32Array.from({ length: 12 }, (_, i) => -0.35 * i);
      const choose = sampler(all);
      const draws = 30_000;
      const counts = new Map<number, number>();
      for (let i = 0; i < draws; i++) {
        const token = choose(logits.slice());
        counts.set(token, (counts.get(token) ?? 0) + 1);
      }
      assertDrawnFrom(distribution(logits, all, filtersFor(all)), counts, draws);
    });
  }

  it("draws as often as the probabilities say after penalties, biases and masks", () => {
    const vocabulary = { vocabSize: 12, bytes: (token: number) => Uint8Array.of(65 + token) };
    const prompt = [1, 2, 3, 9, 1, 2];
    const options = {
      ...{ ...greedy, temperature: 0.9, topP: 0.97, repetitionPenalty: 1.3, forbiddenTokens: [0, 7] },
      ...{ logitBias: [{ token: 5, bias: 1.5 }], dry: { multiplier: 0.8, base: 1.75, allowedLength: 1, breakers: [] } },
    };
    const logits = Float32Array.from({ length: 12 }, (_, i) => 1 - 0.35 * i);
    const counts = new Map<number, number>();
    const draws = 20_000;
    for (let seed = 0; seed < draws; seed++) {
      const token = sampler({ ...options, seed }, { prompt, vocabulary })(logits.slice());
      counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    const changed = logits.slice();
    for (const process of processorsFor(options, vocabulary)) process(changed, { tokens: prompt, promptLength: 6 });
    assert.ok(changed.every((logit, token) => (logit === logits[token]) !== [0, 1, 2, 3, 5, 7, 9].includes(token)));
    assertDrawnFrom(distribution(changed, options, filtersFor(options)), counts, draws);
  });

  it("draws as often as Mirostat's limit says", () => {
    const options = { ...greedy, temperature: 1, seed: 2, mirostat: { tau: 1.6, eta: 0 } };
    const logits = Float32Array.from({ length: 12 }, (_, i) => -0.35 * i);
    const choose = sampler(options);
    const counts = new Map<number, number>();
    for (let i = 0; i < 20_000; i++) {
      const token = choose(logits.slice());
      counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    const left = atMostSurprising(distribution(logits, options, []), 2 * options.mirostat.tau);
    assert.ok(left.tokens.length > 2 && left.tokens.length < 12);
    assertDrawnFrom(left, counts, 20_000);
  });

  it("keeps the surprise near Mirostat's target", () => {
    const random = seededRandom(3);
    const mean = (tau: number): number => {
      const choose = sampler({ ...greedy, temperature: 1, seed: 4, mirostat: { tau, eta: 0.1 } });
      let bits = 0;
      for (let i = 0; i < 600; i++) {
        const logits = Float32Array.from({ length: 300 }, (_, rank) => -Math.log(rank + 1 + random()));
        const { probabilities } = distribution(logits, { temperature: 1, topK: 0 }, []);
        bits -= Math.log2(probabilities[choose(logits)] ?? 0);
      }
      return bits / 600;
    };
    const [low = NaN, middle = NaN] = [3, 5].map(mean);
    // The surprise among all tokens is more than that among those that are left, which is what is kept at the target.
    assert.ok(low > 3 && low < 4.5 && middle > 5 && middle < 6, `${low} and ${middle} bits`);
  });

  it("refuses logits that are not numbers instead of making a token of them", () => {
    for (const temperature of [0, 1]) {
      for (const bad of [NaN, Infinity]) {
        for (const at of [0, 5, 9]) {
          const logits = Float32Array.from({ length: 10 }, (_, i) => (i === at ? bad : 10 - i));
          assert.throws(() => sampler({ ...greedy, temperature })(logits), LogitsError);
        }
      }
      const none = new Float32Array(10).fill(-Infinity);
      assert.throws(() => sampler({ ...greedy, temperature })(none), /all of them are ruled out/);
      const choose = sampler({ ...greedy, temperature, forbiddenTokens: [0] });
      choose(Float32Array.of(1, 2, 3));
      assert.throws(() => choose(new Float32Array(3).fill(NaN)), LogitsError);
    }
  });

  it("gives mulberry32's published sequence", () => {
    const random = seededRandom(1);
    assert.deepEqual(
      [random(), random(), random()].map((u) => Math.round(u * 2 ** 32)),
      [2693262067, 11749833, 2265367787],
    );
  });

  it("lists candidates with the softmax of all logits", () => {
    const tokenizer = new FakeTokenizer();
    const all = topCandidates(wandering([1, 2, 3]), { count: tokenizer.vocabSize }, tokenizer);
    assert.ok(Math.abs(all.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-9);
    assert.ok(all.every((candidate, i) => i === 0 || candidate.logit <= (all[i - 1]?.logit ?? 0)));
    assert.equal(topCandidates(wandering([1, 2, 3]), { count: 4 }, tokenizer).length, 4);
  });
});

/** Asserts by a chi-squared test that tokens were drawn from a distribution. */
function assertDrawnFrom(
  { tokens, probabilities }: Distribution,
  counts: ReadonlyMap<number, number>,
  draws: number,
): void {
  const possible = [...tokens.keys()].filter((i) => (probabilities[i] ?? 0) > 0);
  const drawable = new Set(possible.map((i) => tokens[i]));
  assert.ok([...counts.keys()].every((token) => drawable.has(token)));
  const chi = possible.reduce((sum, i) => {
    const expected = draws * (probabilities[i] ?? 0);
    return sum + ((counts.get(tokens[i] ?? -1) ?? 0) - expected) ** 2 / expected;
  }, 0);
  assert.ok(chi < oncePerThousand(possible.length - 1), `chi-squared ${chi} with ${possible.length} tokens`);
}

/** What chi-squared passes once in a thousand times, by the approximation of Wilson and Hilferty. */
function oncePerThousand(degrees: number): number {
  const variance = 2 / (9 * degrees);
  return degrees * (1 - variance + 3.09 * Math.sqrt(variance)) ** 3;
}
