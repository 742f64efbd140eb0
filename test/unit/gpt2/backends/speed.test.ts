import assert from "node:assert/strict";
import { measureSpeed } from "../../../../src/gpt2/backends/speed";
import type { CacheSlot, LikeliestOptions } from "../../../../src/gpt2/languageModel";
import { FakeModel } from "../../generation/fakes";

const nothing = () => Promise.resolve();

/** A model whose steps take as long as `msOf` says, by a clock of their own. */
class TimedModel extends FakeModel {
  ms = 0;
  readonly steps: number[] = [];
  readonly #msOf: (tokens: number, step: number) => number;

  constructor(msOf: (tokens: number, step: number) => number) {
    super(128, () => new Float32Array(600), 600);
    this.#msOf = msOf;
  }

  override forward(slot: CacheSlot, tokens: readonly number[], rows?: number): Promise<Float32Array> {
    this.ms += this.#msOf(tokens.length, this.steps.length);
    this.steps.push(tokens.length);
    return super.forward(slot, tokens, rows);
  }
}

describe("measuring the speed of a model", () => {
  it("gives the time of a prompt's token and of a step, without the first step of each kind", async () => {
    const model = new TimedModel((tokens, step) => (tokens > 1 ? (step === 0 ? 999 : 128) : 5));
    const speed = await measureSpeed(model, { pause: nothing, now: () => model.ms });
    assert.deepEqual(speed, { prefillMs: 128 / 64, decodeMs: 5 });
  });

  it("takes the median, so that one delayed step does not count", async () => {
    const model = new TimedModel((tokens, step) => (tokens > 1 ? 64 : step === 7 ? 500 : 3));
    assert.deepEqual(await measureSpeed(model, { pause: nothing, now: () => model.ms }), { prefillMs: 1, decodeMs: 3 });
  });

  it("decodes as a greedy text does where the model chooses tokens itself", async () => {
    const model = new TimedModel((tokens) => (tokens > 1 ? 64 : 7));
    const run: number[] = [];
    const choosing = Object.assign(model, {
      forwardLikeliest: async (slot: CacheSlot, tokens: readonly number[], { ahead }: LikeliestOptions) => {
        assert.equal(ahead, 2);
        run.push(...tokens);
        await model.forward(slot, tokens);
        return [[{ token: (tokens[0] ?? 0) + 1, logit: 0 }]];
      },
    });
    const speed = await measureSpeed(choosing, { pause: nothing, now: () => model.ms });
    assert.equal(speed.decodeMs, 7);
    assert.ok(run.length > 2 && run.every((token, i) => token === (run[0] ?? NaN) + i));
  });

  it("takes few steps of a slow model", async () => {
    const model = new TimedModel((tokens) => (tokens > 1 ? 6400 : 400));
    assert.deepEqual(await measureSpeed(model, { pause: nothing, now: () => model.ms }), {
      prefillMs: 100,
      decodeMs: 400,
    });
    assert.deepEqual(model.steps, [64, 64, 1, 1, 1]);
  });

  it("leaves the sequences of others alone, and an empty slot", async () => {
    const model = new TimedModel(() => 1);
    const text = Array.from({ length: 100 }, (_, i) => i);
    {
      using slot = await model.acquire(text);
      await model.forward(slot, text);
    }
    await measureSpeed(model, { pause: nothing, now: () => model.ms });
    assert.deepEqual(
      model.slots().map(({ length }) => length),
      [100, 0],
    );
  });

  it("ends with what a pause throws, and holds no slot then", async () => {
    const model = new TimedModel(() => 1);
    let left = 4;
    const pause = () => (left-- > 0 ? nothing() : Promise.reject(new Error("A key was pressed.")));
    await assert.rejects(measureSpeed(model, { pause, now: () => model.ms }), /A key was pressed/);
    assert.equal(model.steps.length, 4);
    const [slot] = model.slots();
    using again = await model.acquire([1, 2, 3]);
    assert.equal(again.id, slot?.id);
  });
});
