import assert from "node:assert/strict";
import { Heap } from "../../../../../src/gpt2/backends/kernels/heap";
import { instantiateKernels } from "../../../../../src/gpt2/backends/kernels/module";
import { fastest, kernelsForThisMachine } from "../../../../../src/gpt2/backends/kernels/trial";

/** A trial with given times. */
class Runner {
  turns = 0;
  constructor(private readonly time: (turn: number) => number) {}
  run(): number {
    return this.time(this.turns++);
  }
}

describe("the trial of the kernels", () => {
  it("goes to the fastest, whatever holds it up now and then and however slowly it begins", () => {
    const steady = new Runner(() => 5);
    const slowStart = new Runner((turn) => (turn < 4 ? 100 : turn % 2 === 0 ? 50 : 4));
    assert.equal(fastest([steady, slowStart]), slowStart);
    assert.equal(steady.turns, slowStart.turns);
    assert.throws(() => fastest([]), RangeError);
  });

  it("keeps to the first where the clock is too coarse to tell", () => {
    const first = new Runner(() => 0);
    assert.equal(fastest([first, new Runner(() => 0)]), first);
  });

  it("is held once, and what wins it can be run", async () => {
    const module = await kernelsForThisMachine();
    assert.equal(await kernelsForThisMachine(), module);
    const { memory } = new Heap(16);
    const kernels = await instantiateKernels(module, memory);
    new Float32Array(memory.buffer, 64, 4).fill(1);
    kernels.expAll(64, 80, 4);
    assert.ok(Math.abs((new Float32Array(memory.buffer, 80, 1)[0] ?? 0) - Math.E) < 1e-6);
  });
});
