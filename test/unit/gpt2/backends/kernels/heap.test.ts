import assert from "node:assert/strict";
import { ComputeError } from "../../../../../src/gpt2/errors";
import { Heap } from "../../../../../src/gpt2/backends/kernels/heap";

describe("the kernels' heap", () => {
  it("allocates ranges that do not overlap, in whole cache lines", () => {
    const heap = new Heap();
    const ranges = [1, 64, 65, 100_000, 3].map((bytes) => ({ start: heap.allocate(bytes), bytes }));
    for (const { start } of ranges) assert.equal(start % 64, 0);
    for (const [i, { start }] of ranges.entries()) {
      for (const other of ranges.slice(0, i)) assert.ok(start >= other.start + other.bytes);
    }
    assert.ok(ranges.every(({ start }) => start > 0));
    assert.ok(heap.bytes.length >= 100_000);
  });

  it("keeps its contents when it grows", () => {
    const heap = new Heap();
    const address = heap.allocate(8);
    heap.words(address, 2).set([3, 4]);
    heap.allocate(2 ** 20);
    assert.deepEqual([...heap.words(address, 2)], [3, 4]);
  });

  it("merges freed ranges in any order", () => {
    const heap = new Heap();
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [2, 0, 3, 1],
    ]) {
      const addresses = order.map(() => heap.allocate(100_000));
      for (const i of order) heap.free(addresses[i] ?? 0);
      const size = heap.bytes.length;
      heap.free(heap.allocate(400_000));
      assert.equal(heap.bytes.length, size);
    }
  });

  it("does not grow while the same sizes are allocated and freed again and again", () => {
    const heap = new Heap();
    let size = 0;
    let held: number[] = [];
    for (let round = 0; round < 1000; round++) {
      held.push(heap.allocate(((round * 7919) % 50) * 1000));
      if (held.length > 8)
        held = held.filter((address, i) => {
          if (i % 3 === round % 3) heap.free(address);
          return i % 3 !== round % 3;
        });
      if (round === 500) size = heap.bytes.length;
    }
    assert.equal(heap.bytes.length, size);
  });

  it("ignores an address that is freed twice", () => {
    const heap = new Heap();
    const address = heap.allocate(64);
    heap.free(address);
    heap.free(address);
    assert.notEqual(heap.allocate(64), heap.allocate(64));
  });

  it("throws a ComputeError when memory runs out", () => {
    assert.throws(
      () => new Heap().allocate(2 ** 32),
      (error) => error instanceof ComputeError && error.message.includes("4096 MB more"),
    );
  });
});
