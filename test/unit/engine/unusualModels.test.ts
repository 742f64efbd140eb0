import assert from "node:assert/strict";
import { ggufModel } from "../../../models/ggufModel";
import { ggufVocabulary } from "../../../models/ggufVocabulary";
import { ModelFileError } from "../../../src/formats/errors";
import type { TypedValue } from "../../../src/formats/gguf/write";
import { MemoryFiles } from "../../../src/formats/memory";
import type { Gpt2Config } from "../../../src/gpt2/config/config";
import { parseHuggingFaceConfig } from "../../../src/gpt2/config/huggingFaceConfig";
import { openWeights } from "../../../src/gpt2/weights/openWeights";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";
import { collect } from "../../fixtures/ggufWriter";
import { tensorsOf } from "../../fixtures/modelFormats";
import { safetensorsBytes } from "../../fixtures/safetensorsWriter";
import { randomWeights } from "../../fixtures/syntheticModel";

const shape = { model_type: "gpt2", n_positions: 16, n_embd: 8, n_layer: 1, n_head: 1 };
const gpt2 = tokenizerFor({ tokenizer: "gpt2", vocabSize: 50257 });

function configOf(vocabSize: number): Gpt2Config {
  return parseHuggingFaceConfig(JSON.stringify({ ...shape, vocab_size: vocabSize }));
}

async function gguf(vocabSize: number, vocabulary: ReadonlyMap<string, TypedValue>): Promise<Uint8Array> {
  return collect(ggufModel(randomWeights(configOf(vocabSize)), { name: "m", type: "F16", vocabulary }));
}

/** The tokenizer of a model in one file. */
async function tokenizerOf(files: ReadonlyMap<string, Uint8Array>) {
  await using weights = await openWeights(new MemoryFiles("m", files));
  return tokenizerFor(weights.config, weights.vocabulary);
}

describe("models with a vocabulary of unusual size", () => {
  for (const vocabSize of [50258, 50400]) {
    it(`open with GPT-2's tokens and ${vocabSize} rows, from safetensors and from GGUF`, async () => {
      const json = new TextEncoder().encode(JSON.stringify({ ...shape, vocab_size: vocabSize }));
      const tensors = await tensorsOf(randomWeights(configOf(vocabSize)));
      const safetensors = new Map([
        ["config.json", json],
        ["model.safetensors", safetensorsBytes(tensors, "F16")],
      ]);
      // The file itself has no ending, as those of the hub's and Ollama's caches.
      const blob = new Map([["sha256-1f2e", await gguf(vocabSize, ggufVocabulary(gpt2))]]);
      for (const files of [safetensors, blob]) {
        const tokenizer = await tokenizerOf(files);
        assert.deepEqual(tokenizer.encode("Hello."), [15496, 13]);
      }
    });
  }

  it("take ids but no text where a GGUF file's vocabulary is empty, and say so", async () => {
    const tokens: TypedValue = { type: "string[]", value: [] };
    const vocabulary = new Map<string, TypedValue>([
      ["tokenizer.ggml.model", { type: "string", value: "gpt2" }],
      ["tokenizer.ggml.tokens", tokens],
    ]);
    const tokenizer = await tokenizerOf(new Map([["m.gguf", await gguf(300, vocabulary)]]));
    assert.throws(() => tokenizer.encode("Hello."), /takes token ids but no text/);
  });

  it("are refused with more layers than the file could hold", async () => {
    const bytes = Buffer.from(await gguf(300, new Map()));
    const key = "gpt2.block_count";
    // After the key come the type of its value, 4, and the value.
    bytes.writeUInt32LE(2 ** 24, bytes.indexOf(key) + key.length + 4);
    await assert.rejects(
      openWeights(new MemoryFiles("m", new Map([["m.gguf", bytes]]))),
      (error) => error instanceof ModelFileError && error.message.includes("too few for the 16777216 layers"),
    );
  });
});
