import assert from "node:assert/strict";
import { fillCache, prefill, prefillUpToLastChunk } from "../../../../src/generation/decoding/prefill";
import { PrefillChunkSizer } from "../../../../src/generation/decoding/prefillChunkSizer";
import { control, FakeModel, wandering } from "../fakes";

const sequence = Array.from({ length: 100 }, (_, i) => i);

/** A context whose clock makes every chunk of 32 tokens take 24 ms, so that chunks keep that size. */
function contextOf(model: FakeModel) {
  let now = 0;
  return { model, chunkSizer: new PrefillChunkSizer(), now: () => (now += 24) };
}

/** Counts pauses, and aborts after some of them. */
function countingControl(abortAfter = Infinity) {
  const signal = { aborted: false };
  let pauses = 0;
  const pause = () => {
    signal.aborted = ++pauses >= abortAfter;
    return Promise.resolve();
  };
  return { pauses: () => pauses, control: control({ signal, pause }) };
}

describe("prefill", () => {
  it("runs a sequence in chunks with pauses between them, and returns the logits of its last token", async () => {
    const model = new FakeModel(128, wandering);
    const counting = countingControl();
    using slot = await model.acquire(sequence);
    const logits = await prefill(contextOf(model), slot, sequence, counting.control);
    assert.deepEqual(logits, wandering(sequence));
    assert.deepEqual(slot.tokens, sequence);
    assert.deepEqual([model.forwards, counting.pauses()], [[32, 32, 32, 4], 3]);
  });

  it("runs only what the slot does not hold", async () => {
    const model = new FakeModel(128, wandering);
    {
      using slot = await model.acquire(sequence);
      await model.forward(slot, sequence.slice(0, 90), 0);
    }
    using slot = await model.acquire(sequence);
    assert.deepEqual(await prefill(contextOf(model), slot, sequence, control()), wandering(sequence));
    assert.deepEqual(model.forwards, [90, 10]);
  });

  it("returns nothing if it is cancelled, and leaves what it ran in the slot", async () => {
    const model = new FakeModel(128, wandering);
    using slot = await model.acquire(sequence);
    assert.equal(await prefill(contextOf(model), slot, sequence, countingControl(2).control), undefined);
    assert.deepEqual(slot.tokens, sequence.slice(0, 64));
  });
});

describe("fillCache", () => {
  it("runs the whole sequence, and nothing if the slot holds it already", async () => {
    const model = new FakeModel(128, wandering);
    using slot = await model.acquire(sequence);
    assert.ok(await fillCache(contextOf(model), slot, sequence, control()));
    assert.deepEqual(slot.tokens, sequence);
    const { computedTokens } = model;
    assert.ok(await fillCache(contextOf(model), slot, sequence, control()));
    assert.equal(model.computedTokens, computedTokens);
  });

  it("returns false if it is cancelled", async () => {
    const model = new FakeModel(128, wandering);
    using slot = await model.acquire(sequence);
    assert.equal(await fillCache(contextOf(model), slot, sequence, countingControl(1).control), false);
    assert.equal(slot.tokens.length, 32);
  });
});

describe("prefillUpToLastChunk", () => {
  it("leaves the last chunk to the caller", async () => {
    const model = new FakeModel(128, wandering);
    using slot = await model.acquire(sequence);
    assert.ok(await prefillUpToLastChunk(contextOf(model), slot, sequence, control()));
    assert.deepEqual(slot.tokens, sequence.slice(0, 96));
  });
});

describe("PrefillChunkSizer", () => {
  it("chooses chunks of about 25 ms, in multiples of 8 tokens", () => {
    const sizer = new PrefillChunkSizer();
    assert.equal(sizer.chunk, 32);
    sizer.record(32, 10);
    assert.equal(sizer.chunk, 80);
    for (let i = 0; i < 30; i++) sizer.record(80, 50);
    assert.equal(sizer.chunk, 40);
  });

  it("stays between 8 and 512 tokens, whatever was measured", () => {
    const sizer = new PrefillChunkSizer();
    sizer.record(32, 0);
    assert.equal(sizer.chunk, 512);
    const slow = new PrefillChunkSizer();
    slow.record(32, 100_000);
    assert.equal(slow.chunk, 8);
  });

  it("ignores chunks of fewer than 8 tokens", () => {
    const sizer = new PrefillChunkSizer();
    sizer.record(7, 1000);
    assert.equal(sizer.chunk, 32);
  });
});
