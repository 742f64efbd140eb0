import assert from "node:assert/strict";
import { argmax, largest } from "../../src/generation/sampling/largest";
import type { CacheSlot, LanguageModel, LikeliestOptions } from "../../src/gpt2/languageModel";
import { GpuCounter } from "../fixtures/gpuCounter";

export const likeliestPrompt: readonly number[] = Array.from({ length: 17 }, (_, i) => (i * 37 + 5) % 400);

interface GreedyText {
  readonly from?: readonly number[];
  readonly count: number;
  readonly excluded?: readonly number[];
}

/** The greedy tokens after some others, by reading all logits. */
export async function greedyByLogits(
  model: LanguageModel,
  { from = likeliestPrompt, count, excluded = [] }: GreedyText,
): Promise<readonly number[]> {
  return greedy(model, from, count, async (slot, tokens) => {
    const logits = await model.forward(slot, tokens);
    for (const token of excluded) logits[token] = -Infinity;
    return argmax(logits);
  });
}

/** The same, chosen on the GPU. */
export async function greedyOnGpu(
  model: LanguageModel,
  { from = likeliestPrompt, count, ...options }: GreedyText & Pick<LikeliestOptions, "ahead">,
): Promise<readonly number[]> {
  return greedy(model, from, count, (slot, tokens) => likeliest(model, slot, tokens, options));
}

/** The likeliest token after a step. */
export async function likeliest(
  model: LanguageModel,
  slot: CacheSlot,
  tokens: readonly number[],
  options?: LikeliestOptions,
): Promise<number> {
  const chosen = await model.forwardLikeliest?.(slot, tokens, options);
  return chosen?.at(-1)?.[0]?.token ?? NaN;
}

async function greedy(
  model: LanguageModel,
  from: readonly number[],
  count: number,
  step: (slot: CacheSlot, tokens: readonly number[]) => Promise<number>,
): Promise<readonly number[]> {
  using slot = await model.acquire(from);
  model.rewind(slot, 0);
  const tokens: number[] = [];
  for (let next = from; tokens.length < count; next = tokens.slice(-1)) {
    tokens.push(await step(slot, next));
    assert.equal(slot.tokens.length, from.length + tokens.length - 1);
  }
  return tokens;
}

/** Declares tests in the current suite. @param open a model of 400 tokens that chooses tokens itself */
export function likeliestTests(open: () => Promise<LanguageModel>): void {
  let model: LanguageModel;
  before(async () => {
    model = await open();
  });
  after(() => model[Symbol.asyncDispose]());

  it("is that of the logits, however many steps are under way", async () => {
    const expected = await greedyByLogits(model, { count: 10 });
    for (const ahead of [0, 3]) assert.deepEqual(await greedyOnGpu(model, { count: 10, ahead }), expected);
  });

  it("is none of those that are excluded", async () => {
    const excluded = (await greedyByLogits(model, { count: 10 })).slice(0, 3);
    const tokens = await greedyOnGpu(model, { count: 8, excluded, ahead: 2 });
    assert.deepEqual(tokens, await greedyByLogits(model, { count: 8, excluded }));
    assert.ok(!tokens.some((token) => excluded.includes(token)));
  });

  it("is given for several rows, with its logit", async () => {
    using slot = await model.acquire(likeliestPrompt);
    model.rewind(slot, 0);
    const logits = (await model.forward(slot, likeliestPrompt, 5)).slice();
    model.rewind(slot, 0);
    const chosen = (await model.forwardLikeliest?.(slot, likeliestPrompt, { rows: 5 })) ?? [];
    const { vocabSize } = model.config;
    const rows = Array.from({ length: 5 }, (_, row) => logits.subarray(row * vocabSize, (row + 1) * vocabSize));
    assert.deepEqual(
      chosen.map((row) => row.map(({ token }) => token)),
      rows.map((row) => [argmax(row)]),
    );
    assert.ok(chosen.every((tokens, row) => tokens.every(({ token, logit }) => logit === rows[row]?.[token])));
  });

  it("comes with the next likeliest ones, in their order", async () => {
    using slot = await model.acquire(likeliestPrompt);
    model.rewind(slot, 0);
    const logits = (await model.forward(slot, likeliestPrompt, 2)).slice();
    const { vocabSize } = model.config;
    const excluded = Array.from(largest(logits.subarray(vocabSize), 2));
    for (const token of excluded) logits[token] = logits[vocabSize + token] = -Infinity;
    model.rewind(slot, 0);
    const chosen = await model.forwardLikeliest?.(slot, likeliestPrompt, { rows: 2, count: 40, excluded });
    const expected = [0, 1].map((row) =>
      Array.from(largest(logits.subarray(row * vocabSize, (row + 1) * vocabSize), 40)),
    );
    assert.deepEqual(
      chosen?.map((row) => row.map(({ token }) => token)),
      expected,
    );
    assert.equal(chosen[1]?.[39]?.logit, logits[vocabSize + (expected[1]?.[39] ?? NaN)]);
  });

  it("goes on where the caller is, not where steps ahead were", async () => {
    const expected = await greedyByLogits(model, { count: 8 });
    using slot = await model.acquire(likeliestPrompt);
    model.rewind(slot, 0);
    const next = (tokens: readonly number[]) => likeliest(model, slot, tokens, { ahead: 2 });
    assert.equal(await next(likeliestPrompt), expected[0]);
    // Another token than the likeliest one, and back.
    await next([3]);
    model.rewind(slot, likeliestPrompt.length);
    assert.equal(await next(expected.slice(0, 1)), expected[1]);
    // Something else is run in between, also in the same slot.
    {
      using other = await model.acquire([1, 2, 3]);
      await model.forward(other, [1, 2, 3].slice(other.tokens.length));
    }
    assert.equal(await next(expected.slice(1, 2)), expected[2]);
    await model.forward(slot, [7, 8]);
    model.rewind(slot, likeliestPrompt.length + 2);
    assert.equal(await next(expected.slice(2, 3)), expected[3]);
  });

  it("is found up to the last position of the context", async () => {
    const from = Array.from({ length: model.config.contextLength - 4 }, (_, i) => (i * 53 + 2) % 400);
    const expected = await greedyByLogits(model, { from, count: 5 });
    assert.deepEqual(await greedyOnGpu(model, { from, count: 5, ahead: 3 }), expected);
  });

  it("costs 8 bytes read back per token, and 2 dispatches", async () => {
    using slot = await model.acquire(likeliestPrompt);
    await model.forward(slot, likeliestPrompt.slice(slot.tokens.length));
    const next = (token: number) => likeliest(model, slot, [token], { ahead: 2 });
    let token = await next(await next(1));
    const steps = 6;
    using counter = new GpuCounter();
    for (let i = 0; i < steps; i++) token = await next(token);
    const chosen = { dispatches: counter.dispatches / steps, bytesRead: counter.mappedBytes / steps };
    counter.reset();
    await model.forwardLikeliest?.(slot, [token], { count: 40 });
    assert.equal(counter.mappedBytes, 8 * 40);
    counter.reset();
    await model.forward(slot, [token]);
    const { dispatches, mappedBytes } = counter;
    assert.deepEqual(chosen, { dispatches: dispatches + 2, bytesRead: 8 });
    assert.ok(mappedBytes >= 2 * model.config.vocabSize, `${mappedBytes} bytes of logits`);
  });
}
