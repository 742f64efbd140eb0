import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelFiles } from "../../../../src/formats/byteSource";
import { MemoryFiles } from "../../../../src/formats/memory";
import { nodeModelFiles } from "../../../../src/formats/nodeFiles";
import type { Gpt2Config } from "../../../../src/gpt2/config/config";
import { parseHuggingFaceConfig } from "../../../../src/gpt2/config/huggingFaceConfig";
import { Reference } from "../../../../src/gpt2/verification/reference";
import { changedWeights } from "../../../../src/gpt2/weights/changedWeights";
import { openWeights } from "../../../../src/gpt2/weights/openWeights";
import type { Gpt2Weights } from "../../../../src/gpt2/weights/weights";
import { qkvOrder } from "../../../fixtures/adapters";
import { bigcodeGguf, oracleGguf } from "../../../fixtures/ggufWriter";
import ggufFiles from "../../../fixtures/oracle/gguf_files.json";
import { oracleGreedy, type OracleRun, oracleTokens } from "../../../fixtures/oracleTensors";
import { savedByPytorch } from "../../../fixtures/pytorchFiles";
import { greedy, openTestModel } from "../../../fixtures/runtime";
import { tensorsOf } from "../../../fixtures/modelFormats";
import { safetensorsBytes, type SafetensorsOptions, writeSafetensorsModel } from "../../../fixtures/safetensorsWriter";
import {
  type FileTensor,
  oracleConfigJson,
  type OracleModel,
  oracleScales,
  randomWeights,
} from "../../../fixtures/syntheticModel";

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

/** A tensor as files of its architecture store it: GPT-BigCode's linear layers `[out, in]`, with q, k and v head by head. */
function asStored({ name, shape, values }: FileTensor, config: Gpt2Config): FileTensor {
  if (config.architecture !== "gpt_bigcode" || !/\.(c_attn|c_proj|c_fc)\./.test(name)) return { name, shape, values };
  const outputs = shape.at(-1) ?? 0;
  const inputs = values.length / outputs;
  const rowOf = name.includes("c_attn") ? qkvOrder(config) : (output: number) => output;
  const stored = new Float32Array(values.length);
  for (let output = 0; output < outputs; output++) {
    const row = rowOf(output) * inputs;
    for (let input = 0; input < inputs; input++) stored[row + input] = values[input * outputs + output] ?? NaN;
  }
  return { name, shape: shape.toReversed(), values: stored };
}

/** Weights without the lower 16 bits, rounded to the nearest, ties to even. */
function roundedToBfloat(weights: Gpt2Weights): Gpt2Weights {
  const round = (bits: number) => (bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000;
  return changedWeights(weights, {
    read: async (name) => new Float32Array(new Int32Array((await weights.read(name)).buffer).map(round).buffer),
  });
}

describe("model files continue as the reference does", () => {
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

  const small = { model_type: "gpt2", vocab_size: 400, n_positions: 64, n_embd: 64, n_layer: 3, n_head: 4 };
  const unpublished: readonly [string, Readonly<Record<string, unknown>>, "F32" | "BF16"][] = [
    ["BF16", small, "BF16"],
    ["with a head of its own", { ...small, tie_word_embeddings: false }, "F32"],
    ["with scores divided by the layer's number", { ...small, scale_attn_by_inverse_layer_idx: true }, "F32"],
    [
      "of GPT-BigCode with a key/value head for each",
      { ...small, model_type: "gpt_bigcode", multi_query: false },
      "F32",
    ],
  ];
  for (const [what, json, type] of unpublished) {
    it(`safetensors ${what}, by the float64 reference`, async () => {
      const config = parseHuggingFaceConfig(JSON.stringify(json));
      const weights = randomWeights(config, 9, oracleScales("gpt2-tiny"));
      const stored = (await tensorsOf(weights)).map((tensor) => asStored(tensor, config));
      const files = inMemory({
        "config.json": new TextEncoder().encode(JSON.stringify(json)),
        "model.safetensors": safetensorsBytes(stored, type),
      });
      const prompt = [5, 399, 17, 80];
      const reference = new Reference(type === "BF16" ? roundedToBfloat(weights) : weights);
      const { logits } = await reference.forward(reference.start(), prompt, { logitRows: 1 });
      const top5 = Array.from(logits, (logit, id) => [id, logit] as const)
        .toSorted(([, a], [, b]) => b - a)
        .slice(0, 5);
      const { tokens } = await reference.continue(prompt, 40);
      await assertContinues(files, [{ prompt, continuation: tokens, top5 }]);
    });
  }

  it("GGUF starcoder", async () => {
    await assertContinues(inMemory({ blob: await bigcodeGguf("F32") }), expectedOf(["bigcode-tiny.short"]));
  });
});
