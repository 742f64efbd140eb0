import type { ModelFiles } from "../../formats/byteSource";
import { ModelFileError } from "../../formats/errors";
import type { TensorFile, TensorInfo } from "../../formats/tensorFile";
import type { ModelVocabulary } from "../../tokenizer/byteLevel/definition";
import type { Gpt2Config } from "../config/config";
import { allFinite } from "./allFinite";
import { findTensors } from "./findTensors";
import { fingerprint } from "./fingerprint";
import { freeArray } from "./freeArray";
import { type ModelFile, openModelFile } from "./modelFile";
import type { SourceLayout } from "./sourceLayout";
import { transpose } from "./transpose";
import type { Gpt2Weights } from "./weights";

/**
 * Opens the weights of a model. Headers are read and all shapes checked; tensors are read when they are needed.
 * @throws ModelFileError when there is no model, it is not a GPT-2, or it is damaged
 */
export async function openWeights(files: ModelFiles): Promise<Gpt2Weights> {
  const model = await openModelFile(files);
  try {
    const tensors = findTensors(model);
    return new FileWeights(model, tensors, await fingerprint(model.config, model.file, tensors.values()));
  } catch (error) {
    await model.file[Symbol.asyncDispose]();
    throw error;
  }
}

class FileWeights implements Gpt2Weights {
  readonly config: Gpt2Config;
  readonly vocabulary?: ModelVocabulary;
  readonly storage: string;
  readonly #file: TensorFile;
  readonly #layout: SourceLayout;
  readonly #tensors: ReadonlyMap<string, TensorInfo>;

  constructor(
    { config, vocabulary, file, layout }: ModelFile,
    tensors: ReadonlyMap<string, TensorInfo>,
    readonly fingerprint: string,
  ) {
    this.config = config;
    if (vocabulary) this.vocabulary = vocabulary;
    this.#file = file;
    this.#layout = layout;
    this.#tensors = tensors;
    this.storage = `${file.format} ${mainType(tensors.values())}`;
  }

  async read(name: string): Promise<Float32Array> {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new ModelFileError(`The model has no tensor ${name}.`);
    const values = await this.#file.read(tensor.name);
    if (!allFinite(values)) {
      throw new ModelFileError(
        `The model is damaged: its tensor ${tensor.name} holds numbers that are not finite (NaN or infinity). ` +
          "Download or convert it again.",
      );
    }
    const ordered = this.#layout.reorder(name, values);
    const [outputs = 0, inputs = 0] = tensor.shape;
    if (!this.#layout.transposed(name)) return ordered;
    const turned = transpose(ordered, outputs, inputs);
    freeArray(ordered);
    return turned;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }
}

/** The type that holds most of the bytes. */
function mainType(tensors: Iterable<TensorInfo>): string {
  const bytes = new Map<string, number>();
  for (const { type, byteLength } of tensors) bytes.set(type, (bytes.get(type) ?? 0) + byteLength);
  return [...bytes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "";
}
