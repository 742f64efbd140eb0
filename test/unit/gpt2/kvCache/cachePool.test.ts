import assert from "node:assert/strict";
import { ComputeError } from "../../../../src/gpt2/errors";
import { CachePool, commonPrefix } from "../../../../src/gpt2/kvCache/cachePool";
import {
  cacheBytes,
  floatStream,
  type HeapKvBuffer,
  HeapKvStorage,
  type Memory,
} from "../../../../src/gpt2/kvCache/heapStorage";
import type { KvCache } from "../../../../src/gpt2/kvCache/kvCache";

type Cache = KvCache<HeapKvBuffer>;

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

/** A pool over plain memory, with what was allocated in it. */
function poolOf(budgetBytes: number) {
  const memory = new FakeMemory();
  return { memory, pool: new CachePool(new HeapKvStorage(memory, shape), budgetBytes) };
}

type Setup = ReturnType<typeof poolOf>;

/** Runs tokens in a slot as a request does. @returns the cache that they are in */
async function fill(setup: Setup, tokens: readonly number[]): Promise<Cache> {
  using slot = await setup.pool.acquire(tokens);
  await write(setup, slot.cache, tokens.slice(slot.tokens.length));
  return slot.cache;
}

async function write({ pool, memory }: Setup, cache: Cache, tokens: readonly number[]): Promise<void> {
  await pool.reserve(cache, cache.length + tokens.length);
  for (const token of tokens) {
    for (let layer = 0; layer < shape.layers; layer++) {
      for (const kind of ["key", "value"] as const)
        row(cache, memory, layer, kind, cache.length).fill(mark(token, layer, kind));
    }
    cache.tokens.push(token);
  }
}

function row(slot: Cache, memory: Memory, layer: number, kind: "key" | "value", position: number): Uint8Array {
  const start = slot.buffer.address(floatStream(layer, kind)) + position * shape.width * 4;
  return memory.bytes.subarray(start, start + shape.width * 4);
}

const mark = (token: number, layer: number, kind: string) => (token * 4 + layer * 2 + (kind === "key" ? 0 : 1)) % 251;

function assertRows(slot: Cache, memory: Memory): void {
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
  it("continues the slot with the longest common prefix and leaves the last token to be run", async () => {
    const setup = poolOf(10 * smallest);
    const cache = await fill(setup, sequence(0, 100));
    const again = await setup.pool.acquire(sequence(0, 101));
    assert.equal(again.cache, cache);
    assert.equal(again.tokens.length, 100);
    again[Symbol.dispose]();
    assert.equal((await setup.pool.acquire(sequence(0, 100))).tokens.length, 99);
  });

  it("keeps the rows of what is shared when it grows, and grows no further than the context", async () => {
    const setup = poolOf(10 * smallest);
    const cache = await fill(setup, sequence(0, 500));
    assert.equal(cache.capacity, 512);
    await fill(setup, sequence(0, 600));
    assert.equal(cache.capacity, 1024);
    await fill(setup, sequence(0, 1200));
    assert.equal(cache.capacity, 1200);
    assertRows(cache, setup.memory);
    assert.equal(setup.memory.allocated.size, 1);
  });

  it("copies a short common prefix of a long sequence instead of rolling it back", async () => {
    const setup = poolOf(10 * smallest);
    const long = await fill(setup, sequence(0, 400));
    const other = await fill(setup, [...sequence(0, 30), ...sequence(1000, 50)]);
    assert.notEqual(other, long);
    assert.equal(long.length, 400);
    assertRows(other, setup.memory);
    assertRows(long, setup.memory);
  });

  it("rolls a sequence back of which more is shared than lost", async () => {
    const setup = poolOf(10 * smallest);
    const cache = await fill(setup, sequence(0, 400));
    assert.equal((await setup.pool.acquire([...sequence(0, 300), 9])).cache, cache);
    assert.equal(cache.length, 300);
  });

  it("does not touch a slot that somebody holds", async () => {
    const setup = poolOf(smallest);
    await fill(setup, sequence(0, 40));
    const { cache: held } = await setup.pool.acquire(sequence(0, 41));
    const other = await fill(setup, sequence(0, 20));
    assert.notEqual(other, held);
    assert.equal(held.length, 40);
    assertRows(held, setup.memory);
    assert.deepEqual(other.tokens, sequence(0, 20));
    assertRows(other, setup.memory);
  });

  it("refuses a slot after it was disposed, also while another request holds its cache", async () => {
    const { pool } = poolOf(smallest);
    const slot = await pool.acquire([1, 2, 3]);
    slot[Symbol.dispose]();
    const next = await pool.acquire([1, 2, 3]);
    assert.equal(next.cache, slot.cache);
    assert.throws(() => pool.cacheOf(slot), ComputeError);
    slot[Symbol.dispose]();
    assert.equal(pool.cacheOf(next), next.cache);
  });

  it("restores a slot after it was only looked at, whatever was written and however it grew", async () => {
    const setup = poolOf(10 * smallest);
    const cache = await fill(setup, sequence(0, 510));
    const looked = await setup.pool.acquire([...sequence(0, 490), ...sequence(1000, 40)], "look");
    assert.equal(looked.cache, cache);
    assert.equal(looked.tokens.length, 490);
    await write(setup, cache, sequence(1000, 40));
    setup.pool.rewind(looked, 480);
    await write(setup, cache, sequence(2000, 20));
    assertRows(cache, setup.memory);
    looked[Symbol.dispose]();
    assert.deepEqual(cache.tokens, sequence(0, 510));
    assertRows(cache, setup.memory);
    assert.equal(setup.memory.allocated.size, 1);
  });

  it("keeps what was computed for a look, if it is much", async () => {
    const setup = poolOf(10 * smallest);
    const cache = await fill(setup, sequence(0, 100));
    const looked = await setup.pool.acquire([...sequence(0, 90), ...sequence(1000, 100)], "look");
    await write(setup, looked.cache, sequence(1000, 100));
    looked[Symbol.dispose]();
    assert.equal(looked.cache, cache);
    assert.equal(cache.length, 190);
  });

  it("evicts the least recently used slot when the budget is full", async () => {
    const setup = poolOf(2 * smallest);
    const first = await fill(setup, sequence(0, 200));
    const second = await fill(setup, sequence(1000, 200));
    first.lastUsed = 1;
    second.lastUsed = 2;
    const third = await fill(setup, sequence(2000, 200));
    assert.deepEqual(lengths(setup), [
      [second.id, 200],
      [third.id, 200],
    ]);
    assert.equal(setup.memory.allocated.size, 2);
  });

  it("evicts others for a slot that grows", async () => {
    const setup = poolOf(2 * smallest);
    await fill(setup, sequence(0, 200));
    const growing = await fill(setup, sequence(1000, 200));
    await fill(setup, sequence(1000, 900));
    assert.deepEqual(lengths(setup), [[growing.id, 900]]);
    assertRows(growing, setup.memory);
  });

  it("uses its one slot for everything when there is room for no other", async () => {
    const setup = poolOf(smallest);
    const cache = await fill(setup, sequence(0, 400));
    assert.equal(await fill(setup, [0, 1, ...sequence(1000, 100)]), cache);
    assertRows(cache, setup.memory);
    assertRows(await fill(setup, sequence(2000, 100)), setup.memory);
    assert.equal(setup.memory.allocated.size, 1);
  });

  it("frees all memory when it is disposed", async () => {
    const setup = poolOf(10 * smallest);
    await fill(setup, sequence(0, 200));
    await fill(setup, sequence(1000, 200));
    setup.pool[Symbol.dispose]();
    assert.equal(setup.memory.allocated.size, 0);
  });
});

const lengths = ({ pool }: Setup) => pool.slots().map(({ id, length }) => [id, length]);

describe("commonPrefix", () => {
  it("counts equal tokens up to the limit", () => {
    assert.equal(commonPrefix([1, 2, 3], [1, 2, 4]), 2);
    assert.equal(commonPrefix([1, 2, 3], [1, 2, 3, 4], 2), 2);
    assert.equal(commonPrefix([], [1]), 0);
  });
});
