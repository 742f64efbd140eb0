import assert from "node:assert/strict";
import path from "node:path";
import { nodeModelFiles } from "../../../src/formats/nodeFiles";
import { assignBeams } from "../../../src/generation/beams/candidates";
import { beamSearch } from "../../../src/generation/beams/beamSearch";
import type { BeamSearchRequest, BeamSearchResult } from "../../../src/generation/beams/request";
import { generationContext } from "../../../src/generation/context";
import { InputError } from "../../../src/generation/errors";
import { generate } from "../../../src/generation/generate";
import { logSumExp } from "../../../src/generation/sampling/logProbabilities";
import type { LanguageModel } from "../../../src/gpt2/languageModel";
import { openWeights } from "../../../src/gpt2/weights/openWeights";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";
import { openTestModel } from "../../fixtures/runtime";
import { control, fakeContext, FakeModel, FakeTokenizer, greedy, saying, wandering } from "./fakes";

const { vocabSize, endOfText } = new FakeTokenizer();
const letters = [97, 98, 99];

/** Logits of three letters and an end, which depend on the last two tokens. */
function letterLogits(tokens: readonly number[]): Float32Array {
  const logits = new Float32Array(vocabSize).fill(-Infinity);
  const [before = 0, last = 0] = tokens.slice(-2);
  for (const [i, token] of [...letters, endOfText].entries())
    logits[token] = ((before * 7 + last * 31 + i * 17) % 23) / 6;
  return logits;
}

const letterModel = () => new FakeModel(64, letterLogits);

function search(model: FakeModel, more: Partial<BeamSearchRequest> = {}) {
  const request = { prompt: "x", maxTokens: 4, beams: 4, count: 1, lengthPenalty: 1, sampling: greedy };
  return beamSearch(fakeContext(model), { ...request, ...more }, control());
}

const bestScore = ({ texts }: BeamSearchResult) => texts[0]?.score ?? NaN;

/** Every text with at most so many tokens, with its log probability. */
function everyText(
  maxTokens: number,
): { readonly tokens: readonly number[]; readonly logProbability: number; readonly length: number }[] {
  const from = (tokens: readonly number[], logProbability: number): ReturnType<typeof everyText> => {
    if (tokens.length === maxTokens) return [{ tokens, logProbability, length: maxTokens }];
    const logits = letterLogits([120, ...tokens]);
    const after = (token: number) => logProbability + (logits[token] ?? NaN) - logSumExp(logits);
    const ended = { tokens, logProbability: after(endOfText), length: tokens.length + 1 };
    return [ended, ...letters.flatMap((token) => from([...tokens, token], after(token)))];
  };
  return from([], 0);
}

describe("beam search", () => {
  for (const lengthPenalty of [0, 0.5, 1, 2]) {
    it(`finds the best of all texts when it keeps enough of them, with the length penalty ${lengthPenalty}`, async () => {
      const all = everyText(3).map((text) => ({ ...text, score: text.logProbability / text.length ** lengthPenalty }));
      all.sort((a, b) => b.score - a.score);
      const { texts } = await search(letterModel(), { beams: 16, count: 3, maxTokens: 3, lengthPenalty });
      for (const [i, { tokens, score, logProbability }] of texts.entries()) {
        assert.deepEqual(tokens, all[i]?.tokens);
        assert.ok(Math.abs(score - (all[i]?.score ?? NaN)) < 1e-9);
        assert.ok(Math.abs(logProbability - (all[i]?.logProbability ?? NaN)) < 1e-9);
      }
    });
  }

  it("of one beam is greedy, and four find a text that is no less likely", async () => {
    const model = new FakeModel(64, wandering);
    const one = await search(model, { beams: 1, maxTokens: 12 });
    const { tokens } = await generate(fakeContext(model), { prompt: "x", maxTokens: 12, sampling: greedy }, control());
    assert.deepEqual(one.texts[0]?.tokens, tokens);
    const four = await search(model, { beams: 4, maxTokens: 12 });
    assert.ok(bestScore(four) >= bestScore(one));
  });

  it("keeps to constraints, stop strings, penalties and the context", async () => {
    const model = () => new FakeModel(64, wandering);
    const constrained = await search(model(), {
      constraint: { kind: "regex", pattern: "[a-f]{3}z?" },
      count: 4,
      maxTokens: 8,
    });
    for (const { text } of constrained.texts) assert.match(text, /^[a-f]{3}z?$/);
    const stopped = await search(letterModel(), { stops: { strings: ["b"] }, maxTokens: 6, count: 2 });
    for (const { text } of stopped.texts) assert.ok(!text.includes("b"));
    const forbidden = await search(letterModel(), { sampling: { ...greedy, forbiddenTokens: [97] }, count: 4 });
    for (const { tokens } of forbidden.texts) assert.ok(!tokens.includes(97));
    const short = await search(new FakeModel(6, wandering), { prompt: [1, 2, 3], maxTokens: 50 });
    assert.deepEqual([short.texts[0]?.finish, short.texts[0]?.tokens.length], ["context", 4]);
  });

  it("tells the likeliest text so far at each step, and nothing that may become a stop string", async () => {
    const grown: string[] = [];
    const request = { prompt: "x", maxTokens: 5, beams: 2, count: 1, lengthPenalty: 1, sampling: greedy };
    const model = new FakeModel(64, saying("ab\ncd", "x"));
    const stops = { strings: ["\n#"] };
    await beamSearch(fakeContext(model), { ...request, stops }, control({ onText: (text) => grown.push(text) }));
    assert.deepEqual(grown.slice(0, 4), ["a", "ab", "ab", "ab\nc"]);
  });

  it("says so when it is cancelled, with what it has", async () => {
    const signal = { aborted: false };
    let pauses = 0;
    const pause = () => {
      signal.aborted = ++pauses === 3;
      return Promise.resolve();
    };
    const request = { prompt: "x", maxTokens: 50, beams: 3, count: 2, lengthPenalty: 1, sampling: greedy };
    const model = new FakeModel(64, wandering);
    const { texts } = await beamSearch(fakeContext(model), request, control({ signal, pause }));
    assert.ok(texts.length === 2 && texts.every(({ finish, tokens }) => finish === "cancelled" && tokens.length === 3));
    assert.equal(model.heldSlots, 0);
  });

  it("refuses numbers out of range", async () => {
    for (const bad of [{ beams: 0 }, { beams: 17 }, { count: 5 }, { lengthPenalty: NaN }, { maxTokens: -1 }]) {
      await assert.rejects(search(letterModel(), bad), InputError);
    }
  });

  it("gives beams their places with as few copies as there can be", () => {
    assert.deepEqual(assignBeams([0, 1, 2], 3), { beams: [0, 1, 2], copies: [] });
    assert.deepEqual(assignBeams([0, 0, 0], 3), {
      beams: [0, 1, 2],
      copies: [
        [0, 1],
        [0, 2],
      ],
    });
    assert.deepEqual(assignBeams([2, 2, 1], 3), { beams: [2, 0, 1], copies: [[2, 0]] });
  });

  it("finds the same on the kernels, where beams are branches, as one sequence at a time", async () => {
    await using weights = await openWeights(await nodeModelFiles(path.resolve("models/gpt2-code-mini")));
    await using model = await openTestModel(weights, { precision: "int8", threads: 1, backend: "kernels" });
    const context = generationContext(model, tokenizerFor(model.config));
    const request = { prompt: "function add(", maxTokens: 8, beams: 4, count: 4, lengthPenalty: 1, sampling: greedy };
    const { texts } = await beamSearch(context, request, control());
    const expected = await beamSearch({ ...context, model: withoutBranches(model) }, request, control());
    assert.deepEqual(texts, expected.texts);
    assert.ok(texts.length === 4 && texts.every(({ tokens }) => tokens.length > 0));
  });
});

function withoutBranches(model: LanguageModel): LanguageModel {
  const { config, info, heapBytes, fullSlots, computedTokens } = model;
  return {
    ...{ config, info, heapBytes, fullSlots, computedTokens },
    acquire: (tokens, use) => model.acquire(tokens, use),
    rewind: (slot, length) => model.rewind(slot, length),
    forward: (slot, tokens, rows) => model.forward(slot, tokens, rows),
    slots: () => model.slots(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
