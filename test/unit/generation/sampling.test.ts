import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { topCandidates } from "../../../src/generation/inspection/candidates";
import { distribution, draw } from "../../../src/generation/sampling/distribution";
import { argmax, largest } from "../../../src/generation/sampling/largest";
import { seededRandom } from "../../../src/generation/sampling/random";
import { sampler } from "../../../src/generation/sampling/sampler";
import { FakeTokenizer, greedy, wandering } from "./fakes";

interface Case {
  readonly name: string;
  readonly temperature: number;
  readonly filter: { readonly top_k?: number; readonly top_p?: number };
  readonly kept: "all" | readonly number[];
  readonly probs_renormalised: readonly number[] | null;
  readonly argmax: number;
}
const oracle = JSON.parse(readFileSync(path.resolve("test/fixtures/oracle/sampler.json"), "utf8")) as {
  readonly logits: readonly number[];
  readonly cases: readonly Case[];
};

describe("sampling", () => {
  const logits = Float32Array.from(oracle.logits);

  for (const expected of oracle.cases) {
    it(`filters as the oracle does: ${expected.name}`, () => {
      const { temperature, filter } = expected;
      const kept = distribution(logits, { temperature, topK: filter.top_k ?? 0, topP: filter.top_p ?? 1 });
      const found = new Map(Array.from(kept.tokens, (token, i) => [token, kept.probabilities[i] ?? 0]));
      const wanted = expected.kept === "all" ? [...logits.keys()] : expected.kept;
      assert.deepEqual(
        [...found.keys()].sort((a, b) => a - b),
        wanted,
      );
      for (const [i, token] of wanted.entries()) {
        const probability = expected.probs_renormalised?.[i];
        if (probability !== undefined) assert.ok(Math.abs((found.get(token) ?? 0) - probability) < 1e-9);
      }
      assert.equal(argmax(logits), expected.argmax);
    });
  }

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
      assert.ok([3, 50].includes(draw(distribution(some, { temperature: 1, topK: 0, topP: 1 }), u)));
      assert.ok([3, 50].includes(draw(distribution(some, { temperature: 1, topK: 10, topP: 0.9 }), u)));
    }
    assert.equal(draw({ tokens: Int32Array.of(7, 8), probabilities: Float64Array.of(1 - 1e-9, 0) }, 1 - 1e-10), 7);
  });

  it("draws as often as the probabilities say", () => {
    const choose = sampler({ temperature: 1, topK: 0, topP: 1, seed: 11 });
    const counts = [0, 0, 0];
    const three = Float32Array.of(Math.log(0.5), Math.log(0.3), Math.log(0.2));
    for (let i = 0; i < 30_000; i++) {
      const token = choose(three);
      counts[token] = (counts[token] ?? 0) + 1;
    }
    // Chi-squared with 2 degrees of freedom: 13.8 is passed once in a thousand times, and the seed is fixed.
    const expected = [15_000, 9_000, 6_000];
    const chi = expected.reduce((sum, wanted, i) => sum + ((counts[i] ?? 0) - wanted) ** 2 / wanted, 0);
    assert.ok(chi < 13.8, `chi-squared ${chi}`);
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
