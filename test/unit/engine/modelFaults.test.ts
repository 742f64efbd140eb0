import assert from "node:assert/strict";
import path from "node:path";
import { describeInspection } from "../../../src/cli/commands/inspect";
import { ggufParts, type TensorToWrite } from "../../../src/formats/gguf/write";
import { ModelFileError } from "../../../src/formats/errors";
import { MemoryFiles } from "../../../src/formats/memory";
import { checkpointTokens } from "../../../src/engine/checkModel";
import { nodePlatform } from "../../../src/engine/host/nodePlatform";
import type { ModelLocation } from "../../../src/engine/protocol";
import { EngineService } from "../../../src/engine/service";
import { complete } from "../../../src/generation/complete";
import { generationContext } from "../../../src/generation/context";
import { nodeThreads } from "../../../src/gpt2/backends/kernels/nodeThreads";
import { parseHuggingFaceConfig } from "../../../src/gpt2/config/huggingFaceConfig";
import { ContextOverflowError } from "../../../src/gpt2/languageModel";
import { inspectFiles } from "../../../src/gpt2/weights/inspect";
import { openWeights } from "../../../src/gpt2/weights/openWeights";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";
import { openTestModel } from "../../fixtures/runtime";
import { tensorsOf } from "../../fixtures/modelFormats";
import { safetensorsBytes } from "../../fixtures/safetensorsWriter";
import { randomWeights } from "../../fixtures/syntheticModel";
import { smallVocabulary, starCoderTokens, tokenizerJsonOf } from "../../fixtures/vocabularies";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Files of a random model with the rows of GPT-2's vocabulary. */
async function gpt2Rows(): Promise<Record<string, Uint8Array>> {
  const json = { model_type: "gpt2", vocab_size: 50257, n_positions: 16, n_embd: 8, n_layer: 1, n_head: 1 };
  const weights = randomWeights(parseHuggingFaceConfig(JSON.stringify(json)));
  const tensors = await tensorsOf(weights);
  return { "config.json": utf8(JSON.stringify(json)), "model.safetensors": safetensorsBytes(tensors, "F16") };
}

describe("model files that are not what they seem", () => {
  it("with GPT-2's number of rows and a vocabulary of their own are read with that", async () => {
    const tokenizer = tokenizerJsonOf(smallVocabulary(), { special: starCoderTokens });
    const files = { ...(await gpt2Rows()), "tokenizer.json": utf8(JSON.stringify(tokenizer)) };
    await using weights = await openWeights(new MemoryFiles("own", new Map(Object.entries(files))));
    const own = tokenizerFor(weights.config, weights.vocabulary);
    assert.match(own.name, /^bpe-/);
    assert.ok(own.encode("Hello.").every((token) => token < 1000));
    assert.equal(own.decode(own.encode("Hello.")), "Hello.");
  });

  it("leave nothing open and nothing in memory when they cannot be opened", async () => {
    await using service = new EngineService(nodePlatform(path.resolve("node_modules/onnxruntime-web/dist")));
    const files = await gpt2Rows();
    const damaged = { ...files, "model.safetensors": (files["model.safetensors"] ?? new Uint8Array()).slice() };
    damaged["model.safetensors"].set(new Uint8Array(64).fill(0xff), damaged["model.safetensors"].length - 64);
    const location: ModelLocation = {
      kind: "bytes",
      name: "damaged",
      files: Object.entries(damaged).map(([name, bytes]) => ({ name, bytes })),
    };
    for (let i = 0; i < 5; i++) {
      const options = { location, precision: "int8", threads: 2, cacheFolder: undefined } as const;
      await assert.rejects(service.open(options), /holds numbers that are not finite/);
      assert.equal(service.stats().heapBytes, 0);
      assert.equal(service.stats().model, undefined);
    }
  });

  it("in Q4_0 may hold the head in Q6_K, as llama-quantize writes it", async () => {
    const tensors: TensorToWrite[] = [
      {
        name: "output.weight",
        shape: [64, 256],
        type: "F32",
        values: () => Promise.resolve(new Float32Array(64 * 256)),
      },
    ];
    const parts: Uint8Array[] = [];
    for await (const part of ggufParts(new Map(), tensors)) parts.push(part);
    const bytes = Buffer.concat(parts);
    // The type's number follows the two dimensions: 0 is F32, 14 Q6_K.
    bytes.writeUInt32LE(14, bytes.indexOf("output.weight") + "output.weight".length + 4 + 16);
    const { tensors: found } = await inspectFiles(new MemoryFiles("q4", new Map([["model.gguf", bytes]])));
    assert.deepEqual([found[0]?.type, found[0]?.byteLength], ["Q6_K", 64 * 210]);
  });

  it("with escapes in their names are shown with the escapes written out", async () => {
    const name = "wte\u001b[2J\u202e.weight";
    const tensor = { name, shape: [1], values: new Float32Array(1) };
    const config = '{"model_type":"gpt2\\u001b]0;x\\u0007"}';
    const files = new Map([
      ["config.json", utf8(config)],
      ["model.safetensors", safetensorsBytes([tensor])],
    ]);
    const printed = describeInspection(await inspectFiles(new MemoryFiles("m\u001bm", files)));
    assert.match(printed, /^m\\u001bm:[^]*gpt2\\u001b\]0;x\\u0007[^]*wte\\u001b\[2J\\u202e\.weight/);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(printed, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it("with a context of one position are too short to complete with, or for the checkpoints, and say so", async () => {
    const json = { model_type: "gpt2", vocab_size: 50257, n_positions: 1, n_embd: 8, n_layer: 1, n_head: 1 };
    await using weights = randomWeights(parseHuggingFaceConfig(JSON.stringify(json)));
    await using model = await openTestModel(weights, { precision: "f32", threads: 1 });
    const tokenizer = tokenizerFor(weights.config);
    const context = generationContext(model, tokenizer);
    const control = { arrivedAt: 0, signal: { aborted: false }, pause: () => Promise.resolve() };
    const prompt = { header: "# a\n", prefix: "def f(", suffix: ")\n" };
    const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
    const request = { prompt, stop: "line", maxTokens: 8, sampling, healing: true } as const;
    await assert.rejects(complete(context, request, control), (error) => {
      return (
        error instanceof ContextOverflowError && error.message.includes("2 tokens do not fit the model's context of 1")
      );
    });
    assert.throws(
      () => checkpointTokens({}, tokenizer, weights.config),
      /context of 1 is too short for the checkpoints/,
    );
  });

  it("start no more threads than machines have, whatever the setting says", () => {
    assert.ok(nodeThreads.count(100_000) <= 256);
    assert.ok(nodeThreads.count(0) >= 1);
  });

  it("with a deep or huge config.json are refused before it is parsed", async () => {
    const files = await gpt2Rows();
    for (const [config, message] of [
      [`{"model_type":"gpt2","n_embd":${"[".repeat(5000)}${"]".repeat(5000)}}`, /config.json is nested too deeply/],
      [`{"model_type":"gpt2","x":"${"a".repeat(2 << 20)}"}`, /config.json is too large/],
    ] as const) {
      const model = new MemoryFiles("deep", new Map(Object.entries({ ...files, "config.json": utf8(config) })));
      await assert.rejects(
        openWeights(model),
        (error) => error instanceof ModelFileError && message.test(error.message),
      );
    }
  });
});
