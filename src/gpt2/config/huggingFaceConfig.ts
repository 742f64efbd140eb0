import type { ModelFiles } from "../../formats/byteSource";
import { ModelFileError } from "../../formats/errors";
import { type JsonObject, parseJsonObject } from "../../formats/json";
import type { Gpt2Config } from "./config";
import { otherArchitecture } from "./relatives";
import { readJsonFile } from "./vocabularyFiles";

const limits = { bytes: 1 << 20, values: 10_000 };

/**
 * Reads the config of a Hugging Face model.
 * @param weights what a message calls the weights
 * @throws ModelFileError when there is no `config.json`, or as {@link parseHuggingFaceConfig}
 */
export async function readHuggingFaceConfig(files: ModelFiles, weights: string): Promise<Gpt2Config> {
  const file = "config.json";
  if (!files.names.includes(file)) {
    throw new ModelFileError(
      `${files.name} has no config.json beside ${weights}, so its shape is not known. Copy it from where the model came from.`,
    );
  }
  return configFrom(await readJsonFile(files, file, limits), file);
}

/**
 * Reads the `config.json` of a Hugging Face GPT-2 or GPT-BigCode model. Keys that are missing have the defaults of
 * `GPT2Config` and `GPTBigCodeConfig` in transformers.
 * @param text the JSON text of the file
 * @param file what a message calls the file
 * @throws ModelFileError when it is no JSON object, another architecture, or has a value that makes no sense
 */
export function parseHuggingFaceConfig(text: string, file = "config.json"): Gpt2Config {
  return configFrom(parseJsonObject(new TextEncoder().encode(text), file, limits), file);
}

function configFrom(json: JsonObject, file: string): Gpt2Config {
  const reader = new ConfigReader(json, file);
  const architecture = architectureOf(reader);
  const width = reader.count("n_embd", 768);
  const heads = reader.count("n_head", 12);
  if (width % heads !== 0) reader.fail(`n_embd (${width}) is not a multiple of n_head (${heads})`);
  const multiQuery = architecture === "gpt_bigcode" && reader.flag("multi_query", true);
  return {
    architecture,
    vocabSize: reader.count("vocab_size", 50257),
    contextLength: reader.count("n_positions", reader.count("n_ctx", 1024)),
    width,
    layers: reader.count("n_layer", 12),
    heads,
    kvHeads: multiQuery ? 1 : heads,
    innerWidth: reader.count("n_inner", 4 * width),
    activation: activationOf(reader, architecture === "gpt2" ? "gelu_new" : "gelu_pytorch_tanh"),
    layerNormEpsilon: reader.number("layer_norm_epsilon", 1e-5),
    scaleAttention: reader.flag("scale_attn_weights", true),
    scaleByInverseLayer: architecture === "gpt2" && reader.flag("scale_attn_by_inverse_layer_idx", false),
    tiedHead: reader.flag("tie_word_embeddings", true),
    beginOfText: reader.token("bos_token_id", 50256),
    endOfText: reader.token("eos_token_id", 50256),
    tokenizer: reader.text("tokenizer"),
  };
}

function architectureOf(reader: ConfigReader): Gpt2Config["architecture"] {
  const type = reader.text("model_type") ?? typeOfClass(reader.firstText("architectures"));
  if (type === undefined) {
    return reader.fail('it has no "model_type"; GPT-2 models say "gpt2", GPT-BigCode models "gpt_bigcode"');
  }
  if (type !== "gpt2" && type !== "gpt_bigcode") {
    return reader.fail(`the model is ${otherArchitecture(type)}; only "gpt2" and "gpt_bigcode" models can be run`);
  }
  if (type === "gpt2" && reader.text("attention_head_type") === "multiquery") {
    return reader.fail(
      'it is a GPT-2 with multi-query attention, made by the model\'s own code; take the same model in its "gpt_bigcode" form',
    );
  }
  return type;
}

/** The model type that a class of transformers stands for: `GPT2LMHeadModel`, `GPTBigCodeForCausalLM`. */
function typeOfClass(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  if (/^(TF|Flax)?GPT2/.test(name)) return "gpt2";
  return name.startsWith("GPTBigCode") ? "gpt_bigcode" : name;
}

/** `gelu_fast` and `gelu_accurate` are other ways to write the tanh form down; `gelu_python` is the erf form. */
const activations: ReadonlyMap<string, Gpt2Config["activation"]> = new Map([
  ["gelu_new", "gelu_tanh"],
  ["gelu_pytorch_tanh", "gelu_tanh"],
  ["gelu_fast", "gelu_tanh"],
  ["gelu_accurate", "gelu_tanh"],
  ["gelu", "gelu_erf"],
  ["gelu_python", "gelu_erf"],
  ["relu", "relu"],
]);

function activationOf(reader: ConfigReader, fallback: string): Gpt2Config["activation"] {
  const name = reader.text("activation_function") ?? fallback;
  return activations.get(name) ?? reader.fail(`the activation function "${name}" is not known`);
}

/** Typed access to the keys of a configuration; null stands for a missing key, as in Hugging Face's files. */
class ConfigReader {
  readonly #values: JsonObject;
  readonly #file: string;

  constructor(values: JsonObject, file: string) {
    this.#values = values;
    this.#file = file;
  }

  fail(problem: string): never {
    throw new ModelFileError(`${this.#file} cannot be used: ${problem}.`);
  }

  number(key: string, fallback: number): number {
    const value = this.#values[key] ?? fallback;
    if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
      return this.fail(`"${key}" is ${JSON.stringify(value)}, which is not a number from 0 up`);
    }
    return value;
  }

  /** A size: 1 or more, and small enough that no product of two of them overflows. */
  count(key: string, fallback: number): number {
    const value = this.number(key, fallback);
    if (!Number.isInteger(value) || value < 1 || value > 2 ** 24)
      this.fail(`"${key}" is ${value}, which is not a size`);
    return value;
  }

  /** A token id; some files list several ends of text, of which the first counts. */
  token(key: string, fallback: number): number {
    const value = this.#values[key] ?? fallback;
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof first !== "number" || !Number.isInteger(first)) this.fail(`"${key}" is not a token id`);
    return first;
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.#values[key] ?? fallback;
    return typeof value === "boolean" ? value : this.fail(`"${key}" is neither true nor false`);
  }

  text(key: string): string | undefined {
    const value = this.#values[key] ?? undefined;
    return value === undefined || typeof value === "string" ? value : this.fail(`"${key}" is not text`);
  }

  /** The first text of a list. */
  firstText(key: string): string | undefined {
    const value = this.#values[key];
    const first: unknown = Array.isArray(value) ? value[0] : undefined;
    return typeof first === "string" ? first : undefined;
  }
}
