import assert from "node:assert/strict";
import { openAdapter } from "../../../../../src/gpt2/adapters/openAdapter";
import { Heap } from "../../../../../src/gpt2/backends/kernels/heap";
import { nodeThreads } from "../../../../../src/gpt2/backends/kernels/nodeThreads";
import { HeapRecord, planFields } from "../../../../../src/gpt2/backends/kernels/plan";
import { openTappedKernelSession } from "../../../../../src/gpt2/backends/kernels/session";
import type { Gpt2Config } from "../../../../../src/gpt2/config/config";
import { checkpointTaps, type TappedModel } from "../../../../../src/gpt2/taps";
import { prepareWeights } from "../../../../../src/gpt2/weights/preparedWeights";
import { everyModule, peftFiles, peftTensors, randomModules } from "../../../../fixtures/adapters";
import { assertSameTensors } from "../../../../fixtures/difference";
import { oracleConfig, randomWeights } from "../../../../fixtures/syntheticModel";

/** From here on, an address has the sign bit of 32 bits. */
const twoGiB = 2 ** 31;

const config: Gpt2Config = { ...oracleConfig("gpt2-tiny"), vocabSize: 602, contextLength: 300 };
const tokens = Array.from({ length: 40 }, (_, i) => (i * 7919 + 13) % config.vocabSize);

async function openWithAdapter(): Promise<TappedModel> {
  const prepared = await prepareWeights(randomWeights(config), "int8");
  const options = { threads: 2, kernelThreads: nodeThreads, cacheBudgetBytes: 2 ** 26, started: 0 };
  const model = await openTappedKernelSession(config, prepared, options);
  const modules = randomModules(config, everyModule(config), { seed: 1, strength: 0.02 });
  model.addAdapter("one", await openAdapter(peftFiles(peftTensors(modules)), config));
  return model;
}

async function tensorsOf(model: TappedModel, adapter: string | undefined) {
  using slot = await model.acquire(tokens, "branch", adapter);
  model.rewind(slot, 0);
  await model.forward(slot, tokens.slice(0, 30), 0);
  return await model.forwardTapped(slot, tokens.slice(30), checkpointTaps(config));
}

describe("a heap of the kernels beyond 2 GiB", function () {
  this.timeout(20_000);

  it("has addresses without a sign in its records", () => {
    const heap = new Heap();
    // No page of it is touched: the machine need not have so much memory.
    heap.allocate(twoGiB);
    const address = heap.allocate(64);
    assert.ok(address >= twoGiB);
    const plan = new HeapRecord(heap, planFields, { x: address, rows: 3 });
    assert.deepEqual([plan.get("x"), plan.get("rows")], [address, 3]);
    assert.deepEqual([...heap.words(plan.address, planFields.length)].filter(Boolean), [address, 3]);
    heap.floats(plan.get("x"), 16).fill(1);
    assert.equal(heap.bytes[address + 63], 0x3f);
  });

  it("holds a model that computes the same bits, with threads, taps and an adapter", async () => {
    await using low = await openWithAdapter();
    const allocate = Reflect.get(Heap.prototype, "allocate");
    const heaps = new Map<Heap, number>();
    Heap.prototype.allocate = function (this: Heap, bytes) {
      if (!heaps.has(this)) heaps.set(this, allocate.call(this, twoGiB));
      const address = allocate.call(this, bytes);
      // What fits below the two gigabytes is no test.
      return address < twoGiB ? this.allocate(bytes) : address;
    };
    try {
      await using high = await openWithAdapter();
      assert.equal(heaps.size, 1);
      for (const adapter of [undefined, "one"]) {
        assertSameTensors(await tensorsOf(high, adapter), await tensorsOf(low, adapter));
      }
    } finally {
      Heap.prototype.allocate = allocate;
    }
  });
});
