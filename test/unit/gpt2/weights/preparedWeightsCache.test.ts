import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { PreparedWeightsCache } from "../../../../src/gpt2/weights/preparedWeightsCache";
import { nodePreparedWeightsCache } from "../../../../src/gpt2/weights/nodePreparedWeightsCache";
import { maxDifference, openTestModel } from "../../../fixtures/runtime";
import { oracleConfig, randomWeights } from "../../../fixtures/syntheticModel";

const config = { ...oracleConfig("gpt2-tiny"), vocabSize: 600 };

describe("the cache of prepared weights", () => {
  let folder = "";
  beforeEach(async () => {
    folder = path.join(await mkdtemp(path.join(tmpdir(), "gpt2-cache-")), "weights");
  });
  afterEach(() => rm(path.dirname(folder), { recursive: true, force: true }));

  it("gives the same logits from the cache, without reading a tensor", async () => {
    const cache = nodePreparedWeightsCache(folder);
    const first = await open(cache);
    assert.ok(first.reads > 0);
    const second = await open(cache);
    assert.equal(second.reads, 0);
    assert.equal(second.weightBytes, first.weightBytes);
    assert.equal(maxDifference(second.logits, first.logits), 0);
  });

  it("prepares the weights again when the file is damaged", async () => {
    const cache = nodePreparedWeightsCache(folder);
    const first = await open(cache);
    const [name = ""] = await readdir(folder);
    const size = (await readFile(path.join(folder, name))).length;
    await truncate(path.join(folder, name), size - 1);
    assert.ok((await open(cache)).reads > 0);
    await writeFile(path.join(folder, name), "{");
    assert.equal(maxDifference((await open(cache)).logits, first.logits), 0);
    assert.equal((await open(cache)).reads, 0);
  });

  it("reports once that it cannot be used, and opens the model anyway", async () => {
    await writeFile(folder, "a file where the folder should be");
    const errors: unknown[] = [];
    const { logits } = await open(nodePreparedWeightsCache(folder), (error) => errors.push(error));
    assert.equal(logits.length, config.vocabSize);
    assert.equal(errors.length, 1);
    assert.deepEqual(await readdir(path.dirname(folder)), ["weights"]);
  });

  it("leaves no file on a full disk, and opens the model anyway", async () => {
    let full = true;
    const write = async (file: string, bytes: Uint8Array) => {
      await writeFile(file, full ? bytes.subarray(0, bytes.length / 2) : bytes);
      if (full) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    };
    const errors: unknown[] = [];
    const first = await open(nodePreparedWeightsCache(folder, { write }), (error) => errors.push(error));
    assert.equal(first.logits.length, config.vocabSize);
    assert.match(String(errors), /ENOSPC/);
    assert.deepEqual(await readdir(folder), []);
    full = false;
    await open(nodePreparedWeightsCache(folder, { write }));
    const again = await open(nodePreparedWeightsCache(folder, { write }));
    assert.equal(again.reads, 0);
    assert.equal(maxDifference(again.logits, first.logits), 0);
  });

  it("keeps the newest models only, and nothing half-written", async () => {
    const cache = nodePreparedWeightsCache(folder, { entries: 2 });
    for (const key of ["a", "b", "c"]) {
      await cache.put(key, Uint8Array.of(1));
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    assert.equal(await cache.get("a"), undefined);
    assert.deepEqual(await cache.get("c"), Uint8Array.of(1));
    assert.equal((await readdir(folder)).length, 2);
  });
});

async function open(cache: PreparedWeightsCache, onCacheError?: (error: unknown) => void) {
  let reads = 0;
  const weights = randomWeights(config);
  const read = (name: string) => {
    reads++;
    return weights.read(name);
  };
  const options = { precision: "int8", threads: 1, cache } as const;
  await using model = await openTestModel({ ...weights, read }, onCacheError ? { ...options, onCacheError } : options);
  const slot = await model.acquire([1, 2, 3]);
  const logits = (await model.forward(slot, [1, 2, 3])).slice();
  return { reads, logits, weightBytes: model.info.weightBytes };
}
