import { ModelFileError } from "../../formats/errors";
import { StringList } from "../../formats/gguf/header";
import type { TensorFile } from "../../formats/tensorFile";
import { usableOrNot } from "../../tokenizer/byteLevel/assemble";
import { ggufMetadata, tokenTypes } from "../../tokenizer/byteLevel/ggufMetadata";
import type { Gpt2Config } from "./config";
import { knownVocabulary, openAiTokens } from "./knownVocabularies";
import { otherArchitecture } from "./relatives";
import type { FoundVocabulary } from "./vocabularyFiles";

/** GGUF's names of the architectures. */
const architectures: ReadonlyMap<string, Gpt2Config["architecture"]> = new Map<string, Gpt2Config["architecture"]>([
  ["gpt2", "gpt2"],
  ["starcoder", "gpt_bigcode"],
]);

/** What GGUF calls a model's architecture. */
export function ggufArchitecture({ architecture }: Pick<Gpt2Config, "architecture">): string | undefined {
  return [...architectures].find(([, known]) => known === architecture)?.[0];
}

/**
 * Reads the config of a GPT-2 or StarCoder (GPT-BigCode) model from the metadata of a GGUF file.
 * Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Where there is no key it is as llama.cpp computes: tanh GELU, scores
 * divided by √head_dim.
 * @throws ModelFileError when it is another architecture or a key is missing or makes no sense
 */
export function readGgufConfig(file: TensorFile): Gpt2Config {
  const { metadata, tensors } = file;
  const name = file.sources[0]?.name ?? "The model";
  const fail = (problem: string): never => {
    throw new ModelFileError(`${name} cannot be used: ${problem}.`);
  };
  if (metadata.get("general.type") === "adapter") {
    fail(
      "it is a LoRA adapter. Open the model that it was trained on, and name the adapter in gpt2.adapters or with --adapter",
    );
  }
  const kind = text(metadata, "general.architecture") ?? fail("it does not say which architecture it has");
  const architecture =
    architectures.get(kind) ??
    fail(`the model is ${otherArchitecture(kind)}; only "gpt2" and "starcoder" models can be run`);
  const number = (key: string, fallback?: number): number => {
    const value = metadata.get(`${kind}.${key}`) ?? fallback;
    if (typeof value !== "number" || !(value > 0)) return fail(`its metadata lacks a usable ${kind}.${key}`);
    return value;
  };
  const size = (key: string, fallback?: number): number => {
    const value = number(key, fallback);
    return Number.isInteger(value) && value <= 2 ** 24 ? value : fail(`${kind}.${key} is ${value}`);
  };
  const token = (key: string): number => {
    const id = metadata.get(`tokenizer.ggml.${key}`);
    return typeof id === "number" ? id : 50256;
  };

  const vocabSize = (): number => {
    const rows = tensors.get("token_embd.weight")?.shape[0] ?? fail("it has no tensor token_embd.weight");
    return rows > 0 ? rows : fail("its vocabulary is empty");
  };

  const width = size("embedding_length");
  const heads = size("attention.head_count");
  const kvHeads = size("attention.head_count_kv", heads);
  if (width % heads !== 0) fail(`its embedding length ${width} is not a multiple of its ${heads} heads`);
  if (kvHeads !== 1 && kvHeads !== heads) fail(`it has ${kvHeads} key/value heads for ${heads} heads`);
  return {
    architecture,
    vocabSize: vocabSize(),
    contextLength: size("context_length"),
    width,
    layers: size("block_count"),
    heads,
    kvHeads,
    innerWidth: size("feed_forward_length", 4 * width),
    activation: "gelu_tanh",
    // Stored in 32 bits: seven digits give back the decimal that was meant.
    layerNormEpsilon: Number(number("attention.layer_norm_epsilon", 1e-5).toPrecision(7)),
    scaleAttention: true,
    scaleByInverseLayer: false,
    tiedHead: !tensors.has("output.weight"),
    beginOfText: token("bos_token_id"),
    endOfText: token("eos_token_id"),
    tokenizer: tokenizerName(metadata),
  };
}

/**
 * The name of the vocabulary that the file holds. Files say only how text is split before byte-pair encoding (`tokenizer.ggml.pre`,
 * the same for both of OpenAI's), so the tokens decide. A vocabulary that is not known must not pass for one that is.
 */
function tokenizerName(metadata: ReadonlyMap<string, unknown>): string | undefined {
  const known = knownIn(metadata);
  if (known !== undefined) return known;
  const named = text(metadata, "tokenizer.ggml.pre") ?? text(metadata, "tokenizer.ggml.model");
  return named === undefined ? undefined : `custom (${named})`;
}

function knownIn(metadata: ReadonlyMap<string, unknown>): string | undefined {
  const tokens = metadata.get("tokenizer.ggml.tokens");
  const types = metadata.get("tokenizer.ggml.token_type");
  if (!(tokens instanceof StringList)) return undefined;
  const typeOf = (id: number) => (types instanceof Int32Array ? types[id] : undefined);
  // Programs that round the number of tokens up fill it with tokens that are not used.
  const added = Array.from({ length: Math.max(0, tokens.length - openAiTokens) }, (_, i) => openAiTokens + i)
    .filter((id) => typeOf(id) !== tokenTypes.unused)
    .map((id) => ({ id, content: tokens.at(id) ?? "", special: typeOf(id) === tokenTypes.control }));
  return knownVocabulary((id, token) => tokens.at(id) === token, { tokens: 0, added });
}

/**
 * The vocabulary that the file holds, unless it is a known one.
 * @param config as it was read from the file
 */
export function ggufVocabularyOf({ metadata, sources }: TensorFile, config: Gpt2Config): FoundVocabulary | undefined {
  if (!metadata.has("tokenizer.ggml.model") || knownIn(metadata) !== undefined) return undefined;
  const architecture = text(metadata, "general.architecture") ?? "";
  const file = sources[0]?.name ?? "the file";
  const vocabulary = usableOrNot(file, () => ggufMetadata(metadata, architecture));
  return { name: vocabulary.kind === "bytePairs" ? vocabulary.name : (config.tokenizer ?? "unknown"), vocabulary };
}

function text(metadata: ReadonlyMap<string, unknown>, key: string): string | undefined {
  const value = metadata.get(key);
  return typeof value === "string" ? value : undefined;
}
