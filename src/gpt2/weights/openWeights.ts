import type { ModelFiles } from "../../formats/byteSource";
import { ModelFileError } from "../../formats/errors";
import type { TensorFile, TensorInfo } from "../../formats/tensorFile";
import { type Gpt2Config, headWidth } from "../config/config";
import { fingerprint } from "./fingerprint";
import { openModelFile } from "./modelFile";
import { ggufName, huggingFaceNames } from "./tensorNames";
import { isLinearWeight, tensorShapes } from "./tensorShapes";
import { transpose } from "./transpose";
import type { Gpt2Weights } from "./weights";

/**
 * Opens the weights of a model. Headers are read and all shapes checked; numbers are read when they are asked for.
 * @throws ModelFileError when there is no model, it is not a GPT-2, or it is damaged
 */
export async function openWeights(files: ModelFiles): Promise<Gpt2Weights> {
  const { config, file } = await openModelFile(files);
  try {
    const tensors = findTensors(config, file);
    return new FileWeights(config, file, tensors, await fingerprint(config, file, tensors.values()));
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * The file's tensors by their names in {@link Gpt2Weights}. Others, such as the attention masks of old files, are passed over.
 * @throws ModelFileError naming the tensor that is missing or has a wrong shape
 */
export function findTensors(config: Gpt2Config, file: TensorFile): ReadonlyMap<string, TensorInfo> {
  const model = file.sources[0]?.name ?? "The model";
  const found = new Map<string, TensorInfo>();
  for (const [name, shape] of tensorShapes(config)) {
    const names = file.format === "gguf" ? [ggufName(name)] : huggingFaceNames(name);
    const tensor = names.map((candidate) => file.tensors.get(candidate)).find((candidate) => candidate !== undefined);
    if (tensor === undefined) {
      throw new ModelFileError(
        `${model} lacks the tensor ${names[0] ?? name}. It is not a complete ${config.architecture} model.`,
      );
    }
    const stored = isTransposed(config, file, name) ? shape.toReversed() : shape;
    if (tensor.shape.join() !== stored.join()) {
      throw new ModelFileError(
        `${model}: the tensor ${tensor.name} has the shape [${tensor.shape.join(", ")}], but the model's config asks for [${stored.join(", ")}].`,
      );
    }
    found.set(name, tensor);
  }
  return found;
}

/** GPT-2's own checkpoints have linear weights as `[in, out]`; torch's nn.Linear (GPT-BigCode) and GGUF have `[out, in]`. */
function isTransposed(config: Gpt2Config, file: TensorFile, name: string): boolean {
  return isLinearWeight(name) && (file.format === "gguf" || config.architecture === "gpt_bigcode");
}

class FileWeights implements Gpt2Weights {
  readonly storage: string;

  constructor(
    readonly config: Gpt2Config,
    private readonly file: TensorFile,
    private readonly tensors: ReadonlyMap<string, TensorInfo>,
    readonly fingerprint: string,
  ) {
    this.storage = `${file.format} ${mainType(tensors.values())}`;
  }

  async read(name: string): Promise<Float32Array> {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw new ModelFileError(`The model has no tensor ${name}.`);
    const values = this.sorted(name, await this.file.read(tensor.name));
    const [outputs = 0, inputs = 0] = tensor.shape;
    return isTransposed(this.config, this.file, name) ? transpose(values, outputs, inputs) : values;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file[Symbol.asyncDispose]();
  }

  /** Puts the outputs of GPT-BigCode's `c_attn` into the order of {@link Gpt2Weights}. */
  private sorted(name: string, values: Float32Array): Float32Array {
    const { architecture, kvHeads, heads } = this.config;
    const headByHead = architecture === "gpt_bigcode" && kvHeads === heads && this.file.format === "safetensors";
    if (!headByHead || !name.includes(".c_attn.")) return values;
    return groupQkv(values, heads, headWidth(this.config));
  }
}

/** The type that holds most of the bytes. */
function mainType(tensors: Iterable<TensorInfo>): string {
  const bytes = new Map<string, number>();
  for (const { type, byteLength } of tensors) bytes.set(type, (bytes.get(type) ?? 0) + byteLength);
  return [...bytes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "";
}

/**
 * GPT-BigCode with a key/value head per head stores the rows of `c_attn` (or the numbers of its bias) head by head, q, k and v of each;
 * this gives all of q, then all of k, then all of v. Source: `GPTBigCodeAttention` in transformers, `view(heads, 3 * head_dim)`.
 * @param values `[heads, 3, headWidth, row]`, flat
 * @returns `[3, heads, headWidth, row]`, flat
 */
export function groupQkv(values: Float32Array, heads: number, headWidth: number): Float32Array {
  const grouped = new Float32Array(values.length);
  const block = values.length / (3 * heads);
  if (block % headWidth !== 0) throw new RangeError("The values are no whole number of rows.");
  for (let head = 0; head < heads; head++) {
    for (let part = 0; part < 3; part++) {
      const from = (3 * head + part) * block;
      grouped.set(values.subarray(from, from + block), (part * heads + head) * block);
    }
  }
  return grouped;
}
