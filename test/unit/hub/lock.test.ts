import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { takeLock } from "../../../src/hub/host/nodeLock";

describe("the lock of a model", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gpt2-lock-"));
    file = path.join(folder, "model.lock");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const endedProcess = () => spawnSync(process.execPath, ["--version"]).pid;

  it("is held by one at a time, and leaves no file", async () => {
    const taken = await Promise.all(Array.from({ length: 20 }, () => takeLock(file)));
    const held = taken.filter((lock) => lock !== undefined);
    assert.equal(held.length, 1);
    assert.equal(await takeLock(file), undefined);
    await held[0]?.[Symbol.asyncDispose]();
    assert.deepEqual(await readdir(folder), []);
    const next = await takeLock(file);
    assert.ok(next);
    await next[Symbol.asyncDispose]();
  });

  it("is taken from a process that has ended, by one of those who try", async () => {
    await writeFile(file, JSON.stringify({ process: endedProcess(), host: hostname(), id: "x" }));
    const taken = await Promise.all(Array.from({ length: 20 }, () => takeLock(file)));
    const held = taken.filter((lock) => lock !== undefined);
    assert.equal(held.length, 1);
    await held[0]?.[Symbol.asyncDispose]();
    assert.deepEqual(await readdir(folder), []);
  });

  it("is left to a process on another machine until that has not touched it for long", async () => {
    for (const content of [JSON.stringify({ process: 1, host: "elsewhere", id: "x" }), "", "[]"]) {
      await writeFile(file, content);
      assert.equal(await takeLock(file), undefined);
      const longAgo = new Date(Date.now() - 120_000);
      await utimes(file, longAgo, longAgo);
      const lock = await takeLock(file);
      assert.ok(lock);
      await lock[Symbol.asyncDispose]();
    }
  });

  it("stays another's where that took it meanwhile", async () => {
    const lock = await takeLock(file);
    assert.ok(lock);
    await writeFile(file, "another's");
    await lock[Symbol.asyncDispose]();
    assert.deepEqual(await readdir(folder), ["model.lock"]);
  });
});
