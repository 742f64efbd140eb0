import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelFiles } from "../../../../src/formats/byteSource";
import { MemoryFiles } from "../../../../src/formats/memory";
import { nodeModelFiles } from "../../../../src/formats/nodeFiles";
import { openWeights } from "../../../../src/gpt2/weights/openWeights";
import { bigcodeGguf, oracleGguf } from "../../../fixtures/ggufWriter";
import ggufFiles from "../../../fixtures/oracle/gguf_files.json";
import { oracleGreedy, type OracleRun, oracleTokens } from "../../../fixtures/oracleTensors";
import { savedByPytorch } from "../../../fixtures/pytorchFiles";
import { greedy, openTestModel } from "../../../fixtures/runtime";
import { type SafetensorsOptions, writeSafetensorsModel } from "../../../fixtures/safetensorsWriter";
import { oracleConfigJson, type OracleModel } from "../../../fixtures/syntheticModel";

/** What a model should give for a prompt: 40 tokens, and the five largest logits after the prompt if they are known. */
interface Expected {
  readonly prompt: readonly number[];
  readonly continuation: readonly number[];
  readonly top5?: readonly (readonly [id: number, logit: number])[];
}

async function assertContinues(files: ModelFiles, expected: readonly Expected[]): Promise<void> {
  await using weights = await openWeights(files);
  await using model = await openTestModel(weights, { precision: "f32", threads: 1 });
  for (const { prompt, continuation, top5 = [] } of expected) {
    using slot = await model.acquire(prompt);
    const logits = await model.forward(slot, prompt.slice(slot.tokens.length));
    for (const [id, logit] of top5) assert.ok(Math.abs((logits[id] ?? NaN) - logit) < 1e-3, `logit of ${id}`);
    slot[Symbol.dispose]();
    assert.deepEqual(await greedy(model, prompt, continuation.length), continuation);
  }
}

const expectedOf = (runs: readonly OracleRun[]): readonly Expected[] =>
  runs.map((run) => ({ prompt: oracleTokens(run), continuation: oracleGreedy(run) }));
const inMemory = (files: Readonly<Record<string, Uint8Array>>) =>
  new MemoryFiles("model", new Map(Object.entries(files)));

describe("model files continue as the reference does", function () {
  this.timeout(60_000);
  let folder = "";
  before(async () => (folder = await mkdtemp(join(tmpdir(), "oracle-files-"))));
  after(() => rm(folder, { recursive: true }));

  const tinyRuns: readonly OracleRun[] = ["gpt2-tiny.short", "gpt2-tiny.long"];
  const safetensors: readonly [string, OracleModel, readonly OracleRun[], SafetensorsOptions][] = [
    ["prefixed", "gpt2-tiny", tinyRuns, { prefix: "transformer." }],
    ["F16", "gpt2-tiny", tinyRuns, { type: "F16" }],
    ["sharded", "gpt2-tiny", tinyRuns, { shards: 3 }],
    ["of another inner width", "gpt2-tiny-inner", ["gpt2-tiny-inner.short"], {}],
    ["with erf", "gpt2-tiny-erf", ["gpt2-tiny-erf.short"], {}],
    ["of GPT-BigCode", "bigcode-tiny", ["bigcode-tiny.short"], {}],
  ];
  for (const [what, model, runs, options] of safetensors) {
    it(`safetensors ${what}`, async () => {
      const path = join(folder, what.replaceAll(" ", "-"));
      await writeSafetensorsModel(path, model, options);
      await assertContinues(await nodeModelFiles(path), expectedOf(runs));
    });
  }

  for (const form of ["zip", "stream"] as const) {
    it(`a PyTorch ${form}`, async () => {
      const config = new TextEncoder().encode(JSON.stringify(oracleConfigJson("gpt2-tiny")));
      const files = inMemory({ "config.json": config, "pytorch_model.bin": savedByPytorch(form) });
      await assertContinues(files, expectedOf(tinyRuns));
    });
  }

  for (const type of ["F16", "BF16", "Q8_0", "Q4_0"] as const) {
    it(`GGUF ${type}`, async () => {
      const { short, long } = ggufFiles[`gpt2-tiny.${type}.gguf`];
      const expected = [short, long].map((run, i): Expected => ({
        prompt: oracleTokens(i === 0 ? "gpt2-tiny.short" : "gpt2-tiny.long"),
        continuation: run.greedy40,
        top5: run.top5_ids.map((id, at) => [id, run.top5_logits[at] ?? NaN] as const),
      }));
      const path = join(folder, `${type}.gguf`);
      await writeFile(path, await oracleGguf("gpt2-tiny", type));
      await assertContinues(await nodeModelFiles(path), expected);
    });
  }

  it("GGUF starcoder", async () => {
    await assertContinues(inMemory({ blob: await bigcodeGguf("F32") }), expectedOf(["bigcode-tiny.short"]));
  });
});
