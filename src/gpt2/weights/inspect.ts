import type { ModelFiles } from "../../formats/byteSource";
import type { FormatId, TensorInfo } from "../../formats/tensorFile";
import type { Gpt2Config } from "../config/config";
import { findTensors } from "./findTensors";
import { openModelFile } from "./modelFile";
import { elementCount } from "./tensorShapes";

/** What a model's files hold, in plain data. */
export interface ModelInspection {
  /** What a person calls the model. */
  readonly name: string;
  readonly format: FormatId;
  readonly config: Gpt2Config;
  /** The numbers that the model is made of; a tied head counts once. */
  readonly parameters: number;
  /** Bytes of all tensors in the files. */
  readonly tensorBytes: number;
  /** Bytes of the files that hold tensors. */
  readonly fileBytes: number;
  /** How much is stored in which way, the most bytes first. */
  readonly storage: readonly StorageTotal[];
  /** Every tensor in the files, under its name there. */
  readonly tensors: readonly TensorInfo[];
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
  const modelFile = await openModelFile(files);
  await using opened = modelFile.file;
  const { config } = modelFile;
  const model = [...findTensors(modelFile).values()];
  const tensors = Array.from(opened.tensors.values(), ({ name, shape, type, byteLength }) => ({
    name,
    shape,
    type,
    byteLength,
  }));
  return {
    name: files.name,
    format: opened.format,
    config,
    parameters: model.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    tensorBytes: tensors.reduce((sum, { byteLength }) => sum + byteLength, 0),
    fileBytes: opened.sources.reduce((sum, { size }) => sum + size, 0),
    storage: totals(tensors),
    tensors,
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
