import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { argmax } from "../../../../src/generation/sampling/largest";
import type { SamplingOptions } from "../../../../src/generation/sampling/options";
import { distribution, filtersFor, processorsFor } from "../../../../src/generation/sampling/processors/registry";

interface Case {
  readonly name: string;
  readonly temperature: number;
  readonly filter: { readonly top_k?: number; readonly top_p?: number; readonly min_p?: number };
  readonly penalties: {
    readonly freq?: number;
    readonly pres?: number;
    readonly rep?: number;
    readonly bias?: Readonly<Record<string, number>>;
    readonly dry?: {
      readonly multiplier: number;
      readonly base: number;
      readonly allowed_length: number;
      readonly breakers: readonly number[];
    };
  };
  readonly kept: "all" | readonly number[];
  readonly probs_renormalised: readonly number[] | null;
  readonly argmax: number;
  readonly logits_head: readonly number[];
}

const oracle = JSON.parse(readFileSync(path.resolve("test/fixtures/oracle/sampler.json"), "utf8")) as {
  readonly logits: readonly number[];
  readonly context: readonly number[];
  readonly prompt_len: number;
  readonly cases: readonly Case[];
};

/** Token i has the text of the character i, so that a breaker can be named by its text. */
const vocabulary = { vocabSize: 256, bytes: (token: number) => new TextEncoder().encode(String.fromCharCode(token)) };

function optionsOf({ temperature, filter, penalties: { freq, pres, rep, bias, dry } }: Case): SamplingOptions {
  return {
    temperature,
    topK: filter.top_k ?? 0,
    topP: filter.top_p ?? 1,
    seed: 0,
    ...(filter.min_p !== undefined && { minP: filter.min_p }),
    ...(freq !== undefined && { frequencyPenalty: freq }),
    ...(pres !== undefined && { presencePenalty: pres }),
    ...(rep !== undefined && { repetitionPenalty: rep }),
    ...(bias && { logitBias: Object.entries(bias).map(([token, value]) => ({ token: Number(token), bias: value })) }),
    ...(dry && {
      dry: {
        multiplier: dry.multiplier,
        base: dry.base,
        allowedLength: dry.allowed_length,
        breakers: dry.breakers.map((token) => String.fromCharCode(token)),
      },
    }),
  };
}

describe("the sampler's worked cases", () => {
  it("are 14", () => assert.equal(oracle.cases.length, 14));

  for (const expected of oracle.cases) {
    it(`come out the same: ${expected.name}`, () => {
      const options = optionsOf(expected);
      const logits = Float32Array.from(oracle.logits);
      const history = { tokens: oracle.context, promptLength: oracle.prompt_len };
      for (const process of processorsFor(options, vocabulary)) process(logits, history);
      for (const [token, logit] of expected.logits_head.entries()) {
        const own = logits[token] ?? NaN;
        assert.ok(Math.abs(own - logit) <= 1e-6 * Math.max(1, Math.abs(logit)), `token ${token}: ${own}, not ${logit}`);
      }
      assert.equal(argmax(logits), expected.argmax);

      const drawn = distribution(logits, options, filtersFor(options));
      const found = new Map(Array.from(drawn.tokens, (token, i) => [token, drawn.probabilities[i] ?? NaN]));
      const kept = expected.kept === "all" ? [...logits.keys()] : expected.kept;
      assert.deepEqual(
        [...found.keys()].sort((a, b) => a - b),
        kept,
      );
      for (const [i, probability] of (expected.probs_renormalised ?? []).entries()) {
        assert.ok(Math.abs((found.get(kept[i] ?? -1) ?? NaN) - probability) < 1e-7);
      }
    });
  }
});
