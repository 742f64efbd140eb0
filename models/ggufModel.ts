import { blockLength } from "../src/formats/numbers/ggml/smallBlocks";
import { ggufParts, type TensorToWrite, type TypedValue, type WritableType } from "../src/formats/gguf/write";
import type { Gpt2Config } from "../src/gpt2/config/config";
import { ggufName } from "../src/gpt2/weights/tensorNames";
import { isLinearWeight, tensorShapes } from "../src/gpt2/weights/tensorShapes";
import { transpose } from "../src/gpt2/weights/transpose";
import type { Gpt2Weights } from "../src/gpt2/weights/weights";

/** llama.cpp's numbers for what most of a file's tensors are stored as (`llama_ftype`). */
const fileTypes: Readonly<Record<WritableType, number>> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 7, BF16: 32 };

export interface GgufOptions {
  /** `general.name`. */
  readonly name: string;
  /** How the matrices are stored. Vectors and the positions are always F32, as llama.cpp wants them. */
  readonly type: WritableType;
  /** Keys that follow those of the model's shape, as `ggufVocabulary` gives them. */
  readonly vocabulary: ReadonlyMap<string, TypedValue>;
  /** More `general.` keys, such as `general.license`. */
  readonly metadata?: ReadonlyMap<string, TypedValue>;
}

/**
 * A GPT-2 (GGUF's `gpt2`) or GPT-BigCode (`starcoder`) as a GGUF file that llama.cpp opens, part by part.
 * @throws RangeError for a model that GGUF's keys cannot describe
 */
export function ggufModel(weights: Gpt2Weights, options: GgufOptions): AsyncGenerator<Uint8Array> {
  const { config } = weights;
  if (config.activation !== "gelu_tanh") {
    throw new RangeError(`GGUF cannot hold a ${config.architecture} model with ${config.activation}.`);
  }
  if (!config.scaleAttention || config.scaleByInverseLayer) {
    throw new RangeError("In GGUF, attention scores are always divided by √head_dim and by nothing else.");
  }
  const architecture = config.architecture === "gpt2" ? "gpt2" : "starcoder";
  const metadata = new Map<string, TypedValue>([
    ["general.architecture", { type: "string", value: architecture }],
    ["general.name", { type: "string", value: options.name }],
    ["general.file_type", { type: "u32", value: fileTypes[options.type] }],
    ["general.quantization_version", { type: "u32", value: 2 }],
    ...(options.metadata ?? []),
    ...shapeKeys(config, architecture),
    ...options.vocabulary,
  ]);
  return ggufParts(
    metadata,
    Array.from(tensorShapes(config), ([name, shape]) => tensorToWrite(weights, name, shape, options.type)),
  );
}

function shapeKeys(config: Gpt2Config, architecture: string): [string, TypedValue][] {
  const keys: [string, TypedValue][] = [
    ["block_count", { type: "u32", value: config.layers }],
    ["context_length", { type: "u32", value: config.contextLength }],
    ["embedding_length", { type: "u32", value: config.width }],
    ["feed_forward_length", { type: "u32", value: config.innerWidth }],
    ["attention.head_count", { type: "u32", value: config.heads }],
    ["attention.layer_norm_epsilon", { type: "f32", value: config.layerNormEpsilon }],
  ];
  if (architecture === "starcoder") keys.push(["attention.head_count_kv", { type: "u32", value: config.kvHeads }]);
  return keys.map(([key, value]) => [`${architecture}.${key}`, value]);
}

/** A tensor under GGUF's name, linear weights turned into `[out, in]`. */
function tensorToWrite(
  weights: Gpt2Weights,
  name: string,
  shape: readonly number[],
  type: WritableType,
): TensorToWrite {
  const [inputs = 1, outputs = 1] = shape;
  const turned = isLinearWeight(name);
  const stored = turned ? shape.toReversed() : shape;
  const isMatrix = turned || name === "wte.weight" || name === "lm_head.weight";
  const inBlocks = (type === "Q8_0" || type === "Q4_0") && (stored.at(-1) ?? 0) % blockLength !== 0;
  return {
    name: ggufName(name),
    shape: stored,
    type: isMatrix && !inBlocks ? type : "F32",
    values: async () => {
      const values = await weights.read(name);
      return turned ? transpose(values, inputs, outputs) : values;
    },
  };
}
