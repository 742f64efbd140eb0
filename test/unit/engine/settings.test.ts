import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { InputError } from "../../../src/generation/errors";
import { bundledModel, engineInThread } from "../../fixtures/engine";

const greedy = { temperature: 0, topK: 0, topP: 1, seed: 0 };
/** Texts that have nothing in common, each of a hundred tokens or more. */
const documents = ["let", "def", "class"].map((word) =>
  Array.from({ length: 25 }, (_, i) => `${word} ${i};`).join("\n"),
);

describe("an opened model", () => {
  it("keeps its cache within the memory budget", async () => {
    const held = async (cacheBudgetBytes: number | undefined) => {
      await using engine = engineInThread(bundledModel(cacheBudgetBytes === undefined ? {} : { cacheBudgetBytes }));
      const cached: number[] = [];
      for (const prompt of [...documents, documents[0] ?? ""]) {
        cached.push((await engine.generate({ prompt, maxTokens: 1, sampling: greedy })).timings.cachedTokens);
      }
      const slots = (await engine.stats())?.slots ?? [];
      return {
        bytes: slots.reduce((sum, slot) => sum + slot.bytes, 0),
        slots: slots.length,
        again: cached.at(-1) ?? 0,
      };
    };
    const plenty = await held(undefined);
    assert.equal(plenty.slots, documents.length);
    assert.ok(plenty.again > 90, `${plenty.again} tokens of the first document were cached`);
    const budget = Math.ceil((plenty.bytes * 2) / 3);
    const scarce = await held(budget);
    assert.deepEqual([scarce.slots, scarce.again], [2, 0]);
    assert.ok(scarce.bytes <= budget);
  });

  it("warns once, in the log, when the folder for prepared weights cannot be used", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "gpt2-open-"));
    try {
      const file = path.join(folder, "graphs");
      await writeFile(file, "a file where the folder should be");
      const warnings: string[] = [];
      const log = { warn: (line: string) => void warnings.push(line) };
      await using engine = engineInThread(bundledModel({ cacheFolder: file }), log);
      assert.ok((await engine.generate({ prompt: "let a", maxTokens: 2, sampling: greedy })).timings.prefillMs > 0);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? "", /cannot be used, so the model opens more slowly.*ENOTDIR/);
      await using other = engineInThread(bundledModel({ cacheFolder: path.join(folder, "good") }), log);
      await other.describe();
      assert.equal((await readdir(path.join(folder, "good"))).length, 1);
      assert.equal(warnings.length, 1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("refuses an unknown token by its id, and continues", async () => {
    await using engine = engineInThread(bundledModel());
    const generate = (prompt: readonly number[]) => engine.generate({ prompt, maxTokens: 1, sampling: greedy });
    await assert.rejects(
      generate([1, 99_999]),
      (error) => error instanceof InputError && /99999.*vocabulary/.test(error.message),
    );
    assert.deepEqual((await generate([1])).promptTokens, [1]);
  });
});
