import assert from "node:assert/strict";
import { CachePool, commonPrefix } from "../../../../src/gpt2/kvCache/cachePool";
import { cacheBytes, type KvCache, type Memory } from "../../../../src/gpt2/kvCache/kvCache";

const shape = { layers: 2, width: 4, contextLength: 1200 };
const smallest = cacheBytes(shape, 512);

/** A heap of plain memory that knows what is allocated. */
class FakeMemory implements Memory {
  readonly bytes = new Uint8Array(2 ** 20);
  readonly allocated = new Map<number, number>();
  #next = 16;

  allocate(bytes: number): number {
    const address = this.#next;
    this.#next += bytes;
    assert.ok(this.#next <= this.bytes.length);
    this.bytes.fill(0xff, address, address + bytes);
    this.allocated.set(address, bytes);
    return address;
  }

  free(address: number): void {
    assert.ok(this.allocated.delete(address));
  }
}

/** Tokens `from`, `from + 1`, … */
const sequence = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

function fill(pool: CachePool, memory: Memory, tokens: readonly number[]): KvCache {
  const slot = pool.acquire(tokens);
  write(pool, memory, slot, tokens.slice(slot.length));
  pool.release(slot);
  return slot;
}

function write(pool: CachePool, memory: Memory, slot: KvCache, tokens: readonly number[]): void {
  pool.reserve(slot, slot.length + tokens.length);
  for (const token of tokens) {
    for (let layer = 0; layer < shape.layers; layer++) {
      for (const kind of ["key", "value"] as const)
        row(slot, memory, layer, kind, slot.length).fill(mark(token, layer, kind));
    }
    slot.tokens.push(token);
  }
}

function row(slot: KvCache, memory: Memory, layer: number, kind: "key" | "value", position: number): Uint8Array {
  const start = slot.address(layer, kind) + position * shape.width * 4;
  return memory.bytes.subarray(start, start + shape.width * 4);
}

const mark = (token: number, layer: number, kind: string) => (token * 4 + layer * 2 + (kind === "key" ? 0 : 1)) % 251;

function assertRows(slot: KvCache, memory: Memory): void {
  slot.tokens.forEach((token, position) => {
    for (let layer = 0; layer < shape.layers; layer++) {
      for (const kind of ["key", "value"] as const) {
        const expected = new Uint8Array(shape.width * 4).fill(mark(token, layer, kind));
        assert.deepEqual(row(slot, memory, layer, kind, position), expected);
      }
    }
  });
}

describe("the pool of cache slots", () => {
  it("continues the slot with the longest common prefix and leaves the last token to be run", () => {
    const memory = new FakeMemory();
    const pool = new CachePool(memory, shape, 10 * smallest);
    const slot = fill(pool, memory, sequence(0, 100));
    const again = pool.acquire(sequence(0, 101));
    assert.equal(again, slot);
    assert.equal(again.length, 100);
    pool.release(again);
    assert.equal(pool.acquire(sequence(0, 100)).length, 99);
  });

  it("keeps the rows of what is shared when it grows, and grows no further than the context", () => {
    const memory = new FakeMemory();
    const pool = new CachePool(memory, shape, 10 * smallest);
    const slot = fill(pool, memory, sequence(0, 500));
    assert.equal(slot.capacity, 512);
    fill(pool, memory, sequence(0, 600));
    assert.equal(slot.capacity, 1024);
    fill(pool, memory, sequence(0, 1200));
    assert.equal(slot.capacity, 1200);
    assertRows(slot, memory);
    assert.equal(memory.allocated.size, 1);
  });

  it("copies a short common prefix of a long sequence instead of cutting it", () => {
    const memory = new FakeMemory();
    const pool = new CachePool(memory, shape, 10 * smallest);
    const long = fill(pool, memory, sequence(0, 400));
    const other = fill(pool, memory, [...sequence(0, 30), ...sequence(1000, 50)]);
    assert.notEqual(other, long);
    assert.equal(long.length, 400);
    assertRows(other, memory);
    assertRows(long, memory);
  });

  it("cuts a sequence of which more is shared than lost", () => {
    const memory = new FakeMemory();
    const pool = new CachePool(memory, shape, 10 * smallest);
    const slot = fill(pool, memory, sequence(0, 400));
    assert.equal(pool.acquire([...sequence(0, 300), 9]), slot);
    assert.equal(slot.length, 300);
  });

  it("does not touch a slot that somebody holds", () => {
    const memory = new FakeMemory();
    const pool = new CachePool(memory, shape, smallest);
    fill(pool, memory, sequence(0, 40));
    const held = pool.acquire(sequence(0, 41));
    const other = fill(pool, memory, sequence(0, 20));
    assert.notEqual(other, held);
    assert.equal(held.length, 40);
    assertRows(held, memory);
    assert.deepEqual(other.tokens, sequence(0, 20));
    assertRows(other, memory);
  });

  it("gives a slot back as it was to those who only look, wherever they read and however it grows", () => {
    const memory = new FakeMemory();
    const pool = new CachePool(memory, shape, 10 * smallest);
    const slot = fill(pool, memory, sequence(0, 510));
    const looked = pool.acquire([...sequence(0, 490), ...sequence(1000, 40)], "look");
    assert.equal(looked, slot);
    assert.equal(looked.length, 490);
    write(pool, memory, looked, sequence(1000, 40));
    looked.tokens.length = 480;
    write(pool, memory, looked, sequence(2000, 20));
    assertRows(looked, memory);
    pool.release(looked);
    assert.deepEqual(slot.tokens, sequence(0, 510));
    assertRows(slot, memory);
    assert.equal(memory.allocated.size, 1);
  });

  it("keeps what was read by somebody who looks, if it is much", () => {
    const memory = new FakeMemory();
    const pool = new CachePool(memory, shape, 10 * smallest);
    const slot = fill(pool, memory, sequence(0, 100));
    const looked = pool.acquire([...sequence(0, 90), ...sequence(1000, 100)], "look");
    write(pool, memory, looked, sequence(1000, 100));
    pool.release(looked);
    assert.equal(looked, slot);
    assert.equal(slot.length, 190);
  });

  it("drops the least recently used slot when the budget is full", () => {
    const memory = new FakeMemory();
    const pool = new CachePool(memory, shape, 2 * smallest);
    const [first, second] = [fill(pool, memory, sequence(0, 200)), fill(pool, memory, sequence(1000, 200))];
    first.lastUsed = 1;
    second.lastUsed = 2;
    const third = fill(pool, memory, sequence(2000, 200));
    assert.deepEqual(
      [first, second, third].map((slot) => pool.has(slot)),
      [false, true, true],
    );
    assert.deepEqual(
      pool.slots().map(({ id, length }) => [id, length]),
      [
        [second.id, 200],
        [third.id, 200],
      ],
    );
    assert.equal(memory.allocated.size, 2);
  });

  it("makes room for a slot that grows at the expense of the others", () => {
    const memory = new FakeMemory();
    const pool = new CachePool(memory, shape, 2 * smallest);
    const old = fill(pool, memory, sequence(0, 200));
    const growing = fill(pool, memory, sequence(1000, 200));
    fill(pool, memory, sequence(1000, 900));
    assert.equal(pool.has(old), false);
    assert.equal(growing.length, 900);
    assertRows(growing, memory);
  });

  it("uses its one slot for everything when there is room for no other", () => {
    const memory = new FakeMemory();
    const pool = new CachePool(memory, shape, smallest);
    const slot = fill(pool, memory, sequence(0, 400));
    assert.equal(fill(pool, memory, [0, 1, ...sequence(1000, 100)]), slot);
    assertRows(slot, memory);
    assertRows(fill(pool, memory, sequence(2000, 100)), memory);
    assert.equal(memory.allocated.size, 1);
  });

  it("gives all memory back", () => {
    const memory = new FakeMemory();
    const pool = new CachePool(memory, shape, 10 * smallest);
    fill(pool, memory, sequence(0, 200));
    fill(pool, memory, sequence(1000, 200));
    pool[Symbol.dispose]();
    assert.equal(memory.allocated.size, 0);
  });
});

describe("commonPrefix", () => {
  it("counts equal tokens up to the limit", () => {
    assert.equal(commonPrefix([1, 2, 3], [1, 2, 4]), 2);
    assert.equal(commonPrefix([1, 2, 3], [1, 2, 3, 4], 2), 2);
    assert.equal(commonPrefix([], [1]), 0);
  });
});
