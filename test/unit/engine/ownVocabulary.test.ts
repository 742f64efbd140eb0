import assert from "node:assert/strict";
import path from "node:path";
import { ggufModel } from "../../../models/ggufModel";
import { nodePlatform } from "../../../src/engine/host/nodePlatform";
import { EngineService } from "../../../src/engine/service";
import type { CallContext } from "../../../src/engine/serve";
import { parseHuggingFaceConfig } from "../../../src/gpt2/config/huggingFaceConfig";
import { named } from "../../../src/tokenizer/byteLevel/assemble";
import { tokenizerJson } from "../../../src/tokenizer/byteLevel/tokenizerJson";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";
import { collect } from "../../fixtures/ggufWriter";
import { tensorsOf } from "../../fixtures/modelFormats";
import { safetensorsBytes } from "../../fixtures/safetensorsWriter";
import { randomWeights } from "../../fixtures/syntheticModel";
import {
  ggufMetadataOf,
  mergesText,
  smallVocabulary,
  starCoderTokens,
  tokenizerJsonOf,
} from "../../fixtures/vocabularies";

type Files = readonly { readonly name: string; readonly bytes: Uint8Array }[];

const configJson = {
  model_type: "gpt2",
  vocab_size: 1024,
  n_positions: 128,
  n_embd: 64,
  n_layer: 2,
  n_head: 2,
  bos_token_id: 0,
  eos_token_id: 0,
};
const vocabulary = smallVocabulary();
const definition = named(tokenizerJson(tokenizerJsonOf(vocabulary, { special: starCoderTokens }), {}));
const utf8 = (text: string) => new TextEncoder().encode(text);
const json = (value: unknown) => utf8(JSON.stringify(value));

/** A random model with a vocabulary of its own, with that in each of the three carriers. */
async function models(): Promise<ReadonlyMap<string, Files>> {
  const weights = randomWeights(parseHuggingFaceConfig(JSON.stringify(configJson)), 3);
  const tensors = await tensorsOf(weights);
  const folder = (files: Readonly<Record<string, Uint8Array>>): Files =>
    Object.entries({ "config.json": json(configJson), "model.safetensors": safetensorsBytes(tensors), ...files }).map(
      ([name, bytes]) => ({ name, bytes }),
    );
  const control = Object.fromEntries(starCoderTokens.map((token) => [token, 3]));
  const metadata = ggufMetadataOf(vocabulary, "gpt-2", control, { eos_token_id: 0, bos_token_id: 0 });
  const gguf = await collect(ggufModel(weights, { name: "own", type: "F32", vocabulary: metadata }));
  return new Map<string, Files>([
    ["tokenizer.json", folder({ "tokenizer.json": json(tokenizerJsonOf(vocabulary, { special: starCoderTokens })) })],
    [
      "vocab.json and merges.txt",
      folder({ "vocab.json": json(vocabulary.ids), "merges.txt": utf8(mergesText(vocabulary)) }),
    ],
    ["GGUF metadata", [{ name: "own.gguf", bytes: gguf }]],
  ]);
}

describe("a model with a vocabulary of its own", () => {
  const control = (): CallContext<string> => ({ signal: new AbortController().signal, onProgress: () => undefined });
  const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };

  async function opened<T>(files: Files, use: (service: EngineService) => Promise<T>): Promise<T> {
    await using service = new EngineService(nodePlatform(path.resolve("node_modules/onnxruntime-web/dist")));
    const location = { kind: "bytes", name: "own", files } as const;
    const description = await service.open({ location, precision: "f32", threads: 1, cacheFolder: undefined });
    assert.match(description.tokenizer, /^bpe-[\da-f]{8}$/);
    assert.equal(description.fillInTheMiddle, true);
    return await use(service);
  }

  it("writes the same text from each of the three carriers, and completes between two texts with token healing", async () => {
    const results = new Map<string, string>();
    for (const [carrier, files] of await models()) {
      const result = await opened(files, async ({ handlers }) => {
        const written = await handlers.generate({ prompt: "function add", maxTokens: 12, sampling }, control());
        assert.ok(written.tokens.length > 0 && written.tokens.every((token) => token < 1024));
        const prompt = { header: "", prefix: "const value = retur", suffix: "\n}\n" };
        const completed = await handlers.complete(
          { prompt, maxTokens: 12, healing: true, sampling, stop: "none" },
          control(),
        );
        const tokenizer = tokenizerFor({ tokenizer: undefined, vocabSize: 1024 }, definition);
        assert.ok(tokenizer.decode(completed.tokens).startsWith(" retur"), "what was rolled back is written again");
        assert.deepEqual(completed.promptTokens.slice(0, 3), [0, 1, 3]);
        return JSON.stringify([written.tokens, written.text, completed.tokens, completed.text]);
      });
      results.set(carrier, result);
    }
    assert.equal(new Set(results.values()).size, 1, [...results].join("\n"));
  });

  it("runs on token ids when its vocabulary cannot be used, and says why text is refused", async () => {
    const [, files = []] = [...(await models())][0] ?? [];
    const broken = files.map((file) =>
      file.name === "tokenizer.json" ? { ...file, bytes: json({ model: { type: "Unigram" } }) } : file,
    );
    await using service = new EngineService(nodePlatform(path.resolve("node_modules/onnxruntime-web/dist")));
    const location = { kind: "bytes", name: "own", files: broken } as const;
    await service.open({ location, precision: "f32", threads: 1, cacheFolder: undefined });
    const { tokens } = await service.handlers.generate({ prompt: [5, 6], maxTokens: 3, sampling }, control());
    assert.equal(tokens.length, 3);
    await assert.rejects(
      service.handlers.generate({ prompt: "text", maxTokens: 3, sampling }, control()),
      /in tokenizer.json, its model is "Unigram", not BPE. The model takes token ids but no text/,
    );
  });
});
