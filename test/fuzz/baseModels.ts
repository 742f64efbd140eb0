import { ggufModel } from "../../models/ggufModel";
import { parseHuggingFaceConfig } from "../../src/gpt2/config/huggingFaceConfig";
import { collect } from "../fixtures/ggufWriter";
import { modelFormats, tensorsOf } from "../fixtures/modelFormats";
import { safetensorsBytes } from "../fixtures/safetensorsWriter";
import { randomWeights } from "../fixtures/syntheticModel";
import { byteLevel, ggufMetadataOf, mergesText, type TestVocabulary, tokenizerJsonOf } from "../fixtures/vocabularies";

/** The files of a model by name. */
export type Files = ReadonlyMap<string, Uint8Array>;

const config = {
  model_type: "gpt2",
  vocab_size: 24,
  n_positions: 8,
  n_embd: 32,
  n_layer: 2,
  n_head: 2,
};

/** Seven tokens that make "the". */
const shortVocabulary: TestVocabulary = {
  ids: { end: 0, t: 1, h: 2, e: 3, Ġ: 4, th: 5, the: 6, Ġthe: 7 },
  merges: [
    ["t", "h"],
    ["th", "e"],
    ["Ġ", "the"],
  ],
};

const preTokenizer = {
  type: "Sequence",
  pretokenizers: [
    { type: "Split", pattern: { Regex: " ?\\p{L}+|\\s+" }, behavior: "Isolated", invert: false },
    { ...byteLevel, use_regex: false },
  ],
};

/** The formats that are damaged, and more that need other files than these. */
const fuzzed = ["GGUF Q8_0", "PyTorch archive", "PyTorch stream", "ONNX", "TensorFlow", "llm.c BF16"];

/** The smallest model that has everything, some 60 kB, in each format. */
export async function baseModels(): Promise<ReadonlyMap<string, Files>> {
  const weights = randomWeights(parseHuggingFaceConfig(JSON.stringify(config)));
  const tensors = await tensorsOf(weights);
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const withConfig = (files: Readonly<Record<string, Uint8Array>>): Files =>
    new Map([["config.json", json(config)], ...Object.entries(files)]);
  const vocabulary = ggufMetadataOf(shortVocabulary, "starcoder", { end: 3 }, { eos_token_id: 0 });
  const withVocabulary = await collect(ggufModel(weights, { name: "base", type: "F16", vocabulary }));
  const half = tensors.length >> 1;
  const index = {
    weight_map: Object.fromEntries(tensors.map(({ name }, i) => [name, i < half ? "a.safetensors" : "b.safetensors"])),
  };
  const plain = await Promise.all(
    fuzzed.map(async (format) => [format, withConfig((await modelFormats[format]?.(weights, tensors)) ?? {})] as const),
  );
  return new Map<string, Files>([
    ...plain,
    [
      "safetensors",
      withConfig({
        "model.safetensors": safetensorsBytes(tensors, "F16"),
        "vocab.json": json({ "!": 0, Hello: 15496 }),
      }),
    ],
    [
      "sharded safetensors",
      withConfig({
        "a.safetensors": safetensorsBytes(tensors.slice(0, half)),
        "b.safetensors": safetensorsBytes(tensors.slice(half)),
        "model.safetensors.index.json": json(index),
      }),
    ],
    [
      "tokenizer.json",
      withConfig({
        "model.safetensors": safetensorsBytes(tensors, "F16"),
        "tokenizer.json": json(tokenizerJsonOf(shortVocabulary, { special: ["end"], preTokenizer })),
      }),
    ],
    [
      "vocab.json and merges.txt",
      withConfig({
        "model.safetensors": safetensorsBytes(tensors, "F16"),
        "vocab.json": json(shortVocabulary.ids),
        "merges.txt": new TextEncoder().encode(mergesText(shortVocabulary)),
        "tokenizer_config.json": json({ added_tokens_decoder: { "8": { content: "<x>", special: false } } }),
      }),
    ],
    ["GGUF with a vocabulary", new Map([["model.gguf", withVocabulary]])],
  ]);
}
