import type { ModelFiles } from "../../formats/byteSource";
import { ModelFileError } from "../../formats/errors";
import { openWeightsFile } from "../../formats/modelFolder";
import type { FormatId, TensorFile, TensorInfo } from "../../formats/tensorFile";
import { vocabularyProblem } from "../../tokenizer/tokenizerFor";
import type { Gpt2Config } from "../config/config";
import { findTensors } from "./findTensors";
import { modelOf } from "./modelFile";
import { elementCount } from "./tensorShapes";

/** The content of files with weights, as plain data, whether or not the model can be run. */
export interface FileInspection {
  /** What a person calls the model. */
  readonly name: string;
  readonly format: FormatId;
  /** Bytes of all tensors in the files. */
  readonly tensorBytes: number;
  /** Bytes of the files that hold tensors. */
  readonly fileBytes: number;
  /** How much is stored in which way, the most bytes first. */
  readonly storage: readonly StorageTotal[];
  /** Every tensor in the files, under its name there. */
  readonly tensors: readonly TensorInfo[];
  /** The model's config; undefined when there is none that can be used. */
  readonly config?: Gpt2Config;
  /** Number of parameters; a tied head counts once. */
  readonly parameters?: number;
  /** Why the model cannot be run, or cannot be given text, in sentences for a person; undefined when it can do both. */
  readonly problem?: string;
}

/** The content of the files of a model that can be run. */
export interface ModelInspection extends FileInspection {
  readonly config: Gpt2Config;
  readonly parameters: number;
}

export interface StorageTotal {
  readonly type: string;
  readonly tensors: number;
  readonly bytes: number;
  readonly elements: number;
}

/**
 * Looks at a model without reading its weights.
 * @throws ModelFileError when there is no model, it is not a GPT-2, or it is damaged
 */
export async function inspectModel(files: ModelFiles): Promise<ModelInspection> {
  await using file = await openWeightsFile(files);
  return { ...describe(files, file), ...(await modelIn(file, files)) };
}

/**
 * Looks at files with weights that may be no GPT-2.
 * @throws ModelFileError when there are no weights, or their files are damaged
 */
export async function inspectFiles(files: ModelFiles): Promise<FileInspection> {
  await using file = await openWeightsFile(files);
  const description = describe(files, file);
  try {
    return { ...description, ...(await modelIn(file, files)) };
  } catch (error) {
    if (error instanceof ModelFileError) return { ...description, problem: error.message };
    throw error;
  }
}

async function modelIn(file: TensorFile, files: ModelFiles) {
  const model = await modelOf(file, files);
  const tensors = [...findTensors(model).values()];
  const parameters = tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const problem = vocabularyProblem(model.config);
  return { config: model.config, parameters, ...(problem !== undefined && { problem }) };
}

function describe({ name }: ModelFiles, { format, sources, tensors }: TensorFile) {
  const all = Array.from(tensors.values(), ({ name, shape, type, byteLength }) => ({ name, shape, type, byteLength }));
  return {
    name,
    format,
    tensorBytes: all.reduce((sum, { byteLength }) => sum + byteLength, 0),
    fileBytes: sources.reduce((sum, { size }) => sum + size, 0),
    storage: totals(all),
    tensors: all,
  };
}

function totals(tensors: readonly TensorInfo[]): StorageTotal[] {
  const types = [...new Set(tensors.map(({ type }) => type))];
  return types
    .map((type) => {
      const group = tensors.filter((tensor) => tensor.type === type);
      return {
        type,
        tensors: group.length,
        bytes: group.reduce((sum, { byteLength }) => sum + byteLength, 0),
        elements: group.reduce((sum, { shape }) => sum + elementCount(shape), 0),
      };
    })
    .sort((a, b) => b.bytes - a.bytes);
}
