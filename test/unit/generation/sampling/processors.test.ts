import assert from "node:assert/strict";
import type { SamplingOptions } from "../../../../src/generation/sampling/options";
import type { TokenHistory } from "../../../../src/generation/sampling/processors/processor";
import { repetitionLengths } from "../../../../src/generation/sampling/processors/dry";
import { atMostSurprising, initialLimit, nextLimit } from "../../../../src/generation/sampling/processors/mirostat";
import { distribution, filtersFor, processorsFor } from "../../../../src/generation/sampling/processors/registry";
import { seededRandom } from "../../../../src/generation/sampling/random";
import { FakeTokenizer, greedy } from "../fakes";

const vocabulary = new FakeTokenizer();
const size = vocabulary.vocabSize;
const random = seededRandom(13);
const below = (limit: number) => Math.floor(random() * limit);
const someLogits = () => Float32Array.from({ length: size }, () => (random() - 0.5) * 20);

/** A history that repeats itself in parts. */
function someHistory(): TokenHistory {
  const tokens: number[] = [];
  while (tokens.length < 40) {
    const from = below(tokens.length + 1);
    tokens.push(...(random() < 0.5 ? tokens.slice(from, from + below(6)) : [below(size)]));
  }
  return { tokens, promptLength: below(tokens.length) };
}

function applied(more: Partial<SamplingOptions>, logits: Float32Array, history: TokenHistory): Float32Array {
  const changed = logits.slice();
  for (const process of processorsFor({ ...greedy, ...more }, vocabulary)) process(changed, history);
  return changed;
}

function filtered(more: Partial<SamplingOptions>, logits: Float32Array): ReadonlyMap<number, number> {
  const options = { ...greedy, temperature: 1, ...more };
  const { tokens, probabilities } = distribution(logits, options, filtersFor(options));
  return new Map(Array.from(tokens, (token, i) => [token, probabilities[i] ?? NaN]));
}

const dry = { multiplier: 0.8, base: 1.75, allowedLength: 2, breakers: ["\n"] };
const each = (times: number, check: (logits: Float32Array, history: TokenHistory) => void) => {
  for (let i = 0; i < times; i++) check(someLogits(), someHistory());
};

describe("logits processors", () => {
  it("do nothing and cost nothing when they are off", () => {
    assert.deepEqual(processorsFor({ ...greedy, repetitionPenalty: 1, frequencyPenalty: 0 }, vocabulary), []);
    assert.deepEqual(processorsFor({ ...greedy, dry: { ...dry, multiplier: 0 }, logitBias: [] }, vocabulary), []);
    assert.deepEqual(filtersFor({ ...greedy, minP: 0, typicalP: 1 }), []);
  });

  it("give the same for the same logits and history", () => {
    const all = { dry, frequencyPenalty: 0.4, presencePenalty: 0.3, repetitionPenalty: 1.2, forbiddenTokens: [3] };
    each(20, (logits, history) => assert.deepEqual(applied(all, logits, history), applied(all, logits, history)));
  });

  it("are applied in their order: DRY, frequency and presence, repetition, bias, mask", () => {
    const logitBias = [{ token: 7, bias: 3 }];
    each(50, (logits, history) => {
      const together = applied(
        { dry, frequencyPenalty: 0.4, presencePenalty: 0.3, repetitionPenalty: 1.2, logitBias, forbiddenTokens: [9] },
        logits,
        history,
      );
      let inOrder = logits;
      for (const one of [
        { dry },
        { frequencyPenalty: 0.4, presencePenalty: 0.3 },
        { repetitionPenalty: 1.2 },
        { logitBias },
        { forbiddenTokens: [9] },
      ]) {
        inOrder = applied(one, inOrder, history);
      }
      assert.deepEqual(together, inOrder);
    });
  });

  it("biases are added to exactly their tokens", () => {
    each(50, (logits, history) => {
      const biases = new Map(Array.from({ length: 9 }, () => [below(size), (random() - 0.5) * 40]));
      const changed = applied({ logitBias: Array.from(biases, ([token, bias]) => ({ token, bias })) }, logits, history);
      for (const [token, logit] of logits.entries()) {
        assert.equal(changed[token], Math.fround(logit + (biases.get(token) ?? 0)));
      }
    });
  });

  it("frequency and presence lower exactly the generated tokens, by their counts", () => {
    each(50, (logits, history) => {
      const changed = applied({ frequencyPenalty: 0.5, presencePenalty: 2 }, logits, history);
      const generated = history.tokens.slice(history.promptLength);
      for (const [token, logit] of logits.entries()) {
        const count = generated.filter((other) => other === token).length;
        const expected = Math.fround(logit - 0.5 * count - (count > 0 ? 2 : 0));
        assert.equal(changed[token], expected);
      }
    });
  });

  it("the repetition penalty makes tokens of prompt and text less likely, and no others", () => {
    each(50, (logits, history) => {
      const changed = applied({ repetitionPenalty: 1.3 }, logits, history);
      for (const [token, logit] of logits.entries()) {
        if (history.tokens.includes(token)) assert.ok((changed[token] ?? 0) < logit);
        else assert.equal(changed[token], logit);
      }
    });
  });

  it("DRY finds the longest repetition that a token would continue", () => {
    /** By definition: the longest end of the text that also stands before an earlier `token`. */
    const slow = (tokens: readonly number[], token: number): number => {
      let longest = 0;
      for (let i = 1; i < tokens.length; i++) {
        if (tokens[i] !== token) continue;
        let length = 0;
        while (length < i && length < 50 && tokens[i - 1 - length] === tokens[tokens.length - 1 - length]) length++;
        longest = Math.max(longest, length);
      }
      return longest;
    };
    each(100, (_, { tokens }) => {
      const lengths = repetitionLengths(tokens, new Set());
      for (let token = 0; token < size; token++) assert.equal(lengths.get(token) ?? 0, slow(tokens, token));
    });
  });

  it("DRY looks across no breaker, and punishes none", () => {
    const newline = 10;
    assert.deepEqual([...repetitionLengths([1, newline, 2, 3, 1, newline, 2], new Set([newline]))], [[3, 1]]);
    assert.deepEqual([...repetitionLengths([1, 2, newline, 1, 2], new Set([newline]))], []);
    assert.deepEqual([...repetitionLengths([newline, 2, newline], new Set([newline]))], []);
    const history = { tokens: [...vocabulary.encode("a\nb"), ...vocabulary.encode("a\n")], promptLength: 0 };
    assert.deepEqual(
      applied({ dry: { ...dry, allowedLength: 1 } }, new Float32Array(size), history),
      new Float32Array(size),
    );
  });

  it("masks leave exactly the allowed tokens that are not forbidden, and twice is once", () => {
    each(50, (logits, history) => {
      const allowedTokens = Array.from({ length: 20 }, () => below(size));
      const forbiddenTokens = Array.from({ length: 5 }, () => below(size));
      const changed = applied({ allowedTokens, forbiddenTokens }, logits, history);
      for (const [token, logit] of logits.entries()) {
        const stays = allowedTokens.includes(token) && !forbiddenTokens.includes(token);
        assert.equal(changed[token], stays ? logit : -Infinity);
      }
      assert.deepEqual(applied({ allowedTokens, forbiddenTokens }, changed, history), changed);
    });
  });
});

describe("temperature", () => {
  it("keeps all tokens in their order, and the lower it is the more goes to the likeliest", () => {
    each(50, (logits) => {
      let before = -1;
      for (const temperature of [5, 2, 1, 0.5, 0.1]) {
        const drawn = filtered({ temperature }, logits);
        const mass = Array.from(drawn.values()).reduce((sum, probability) => sum + probability, 0);
        assert.ok(drawn.size === size && Math.abs(mass - 1) < 1e-9);
        const order = [...drawn.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
        for (const [i, token] of order.entries()) {
          assert.ok(i === 0 || (drawn.get(token) ?? 1) <= (drawn.get(order[i - 1] ?? 0) ?? 0));
        }
        const most = drawn.get(order[0] ?? 0) ?? 0;
        assert.ok(most > before);
        before = most;
      }
    });
  });
});

describe("Mirostat", () => {
  it("leaves the tokens up to a surprise, in their proportions, and always the likeliest", () => {
    each(50, (logits) => {
      const all = distribution(logits, { ...greedy, temperature: 1 }, []);
      const likeliest = Math.max(...all.probabilities);
      for (const limit of [0, 2, 5, 12]) {
        const left = atMostSurprising(all, limit);
        const kept = new Map(Array.from(left.tokens, (token, i) => [token, left.probabilities[i] ?? 0]));
        const mass = Array.from(left.tokens).reduce((sum, token) => sum + (all.probabilities[token] ?? 0), 0);
        for (const [i, token] of all.tokens.entries()) {
          const probability = all.probabilities[i] ?? 0;
          const stays = -Math.log2(probability) <= limit || probability === likeliest;
          assert.equal(kept.has(token), stays);
          if (stays) assert.ok(Math.abs((kept.get(token) ?? 0) - probability / mass) < 1e-12);
        }
      }
    });
  });

  it("raises its limit after an expected token, lowers it after a surprising one, and stays at the target", () => {
    const options = { tau: 4, eta: 0.2 };
    assert.equal(initialLimit(options), 8);
    assert.equal(nextLimit(6, 2 ** -4, options), 6);
    assert.ok(nextLimit(6, 0.9, options) > 6 && nextLimit(6, 2 ** -9, options) < 6);
  });
});

describe("probability filters", () => {
  const filters = [{ topK: 7 }, { topP: 0.7 }, { minP: 0.1 }, { typicalP: 0.6 }, { topK: 40, topP: 0.9, minP: 0.05 }];

  for (const options of filters) {
    it(`leave a part of the tokens in the same proportions: ${JSON.stringify(options)}`, () => {
      each(50, (logits) => {
        const all = filtered({}, logits);
        const left = filtered(options, logits);
        let mass = 0;
        let sum = 0;
        for (const [token, probability] of left) {
          mass += all.get(token) ?? 0;
          sum += probability;
        }
        assert.ok(left.size >= 1 && left.size < size);
        assert.ok(Math.abs(sum - 1) < 1e-12);
        for (const [token, probability] of left) {
          assert.ok(Math.abs(probability - (all.get(token) ?? 0) / mass) < 1e-12);
        }
      });
    });
  }

  it("top-k and min-p change nothing when they are applied twice", () => {
    each(50, (logits) => {
      for (const options of [{ topK: 7 }, { minP: 0.1 }]) {
        const once = filtered(options, logits);
        const masked = logits.map((logit, token) => (once.has(token) ? logit : -Infinity));
        const twice = [...filtered(options, masked)].filter(([, probability]) => probability > 0);
        assert.deepEqual(new Set(twice.map(([token]) => token)), new Set(once.keys()));
      }
    });
  });

  it("top-p keeps the fewest of the likeliest that reach the mass, counted over what top-k left", () => {
    each(50, (logits) => {
      const likeliest = [...filtered({ topK: 20 }, logits)].sort(([, a], [, b]) => b - a);
      const kept = filtered({ topK: 20, topP: 0.8 }, logits);
      const mass = (count: number) => likeliest.slice(0, count).reduce((sum, [, probability]) => sum + probability, 0);
      assert.deepEqual(new Set(kept.keys()), new Set(likeliest.slice(0, kept.size).map(([token]) => token)));
      assert.ok(mass(kept.size) >= 0.8 && mass(kept.size - 1) < 0.8);
    });
  });

  it("leave the fewer the stricter they are, and what a stricter one leaves a looser one leaves too", () => {
    const scales: readonly (readonly Partial<SamplingOptions>[])[] = [
      [{ topK: 3 }, { topK: 10 }, { topK: 100 }],
      [{ topP: 0.1 }, { topP: 0.5 }, { topP: 0.95 }],
      [{ minP: 0.5 }, { minP: 0.1 }, { minP: 0.01 }],
      [{ typicalP: 0.2 }, { typicalP: 0.6 }, { typicalP: 0.95 }],
    ];
    each(50, (logits) => {
      for (const scale of scales) {
        const left = scale.map((options) => new Set(filtered(options, logits).keys()));
        for (const [i, set] of left.entries()) assert.ok([...set].every((token) => left[i + 1]?.has(token) ?? true));
      }
    });
  });

  it("min-p is strict, but always keeps the likeliest", () => {
    const logits = Float32Array.of(0, Math.log(0.5), Math.log(0.25), -5);
    assert.deepEqual([...filtered({ minP: 0.25 }, logits).keys()], [0, 1]);
    assert.deepEqual([...filtered({ minP: 1 }, logits).keys()], [0]);
  });

  it("typical sampling keeps the tokens that are about as surprising as the average", () => {
    // The likeliest token says nothing new: with 0.4 of the mass, it is further from the entropy than the others.
    const logits = Float32Array.from([0.4, ...new Array<number>(12).fill(0.05)], Math.log);
    const kept = filtered({ typicalP: 0.5 }, logits);
    assert.ok(!kept.has(0) && kept.size === 11, [...kept.keys()].join());
  });
});
