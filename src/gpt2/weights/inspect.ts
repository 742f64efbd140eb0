import type { ModelFiles } from "../../formats/byteSource";
import { ModelFileError } from "../../formats/errors";
import { openWeightsFile } from "../../formats/modelFolder";
import type { FormatId, TensorFile, TensorInfo } from "../../formats/tensorFile";
import { tokenizerFor, vocabularyProblem } from "../../tokenizer/tokenizerFor";
import type { Gpt2Config } from "../config/config";
import { findTensors } from "./findTensors";
import { type ModelFile, modelOf } from "./modelFile";
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
  /** The vocabulary that text is encoded with; undefined when there is none that can be used. */
  readonly vocabulary?: VocabularySummary;
  /** Number of parameters; a tied head counts once. */
  readonly parameters?: number;
  /** Why the model cannot be run, or cannot be given text, in sentences for a person; undefined when it can do both. */
  readonly problem?: string;
}

/** A vocabulary without its tokens. */
export interface VocabularySummary {
  readonly name: string;
  /** The tokens that have a role, by that. */
  readonly roles: Readonly<Record<string, { readonly token: string; readonly id: number }>>;
  /** Tokens that text is made of, and their merges; undefined for a known vocabulary, which the files need not hold. */
  readonly tokens?: number;
  readonly merges?: number;
  /** Tokens that were added, special ones among them. */
  readonly added?: number;
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
  const model = await modelOf(file, files);
  return { ...describe(files, file), ...runnable(model) };
}

/**
 * Looks at files with weights that may be no GPT-2.
 * @throws ModelFileError when there are no weights, or their files are damaged
 */
export async function inspectFiles(files: ModelFiles): Promise<FileInspection> {
  await using file = await openWeightsFile(files);
  const description = describe(files, file);
  try {
    const model = await modelOf(file, files);
    const found = { ...description, ...runnable(model) };
    return found.problem === undefined ? { ...found, vocabulary: summary(model) } : found;
  } catch (error) {
    if (error instanceof ModelFileError) return { ...description, problem: error.message };
    throw error;
  }
}

/** @throws ModelFileError when the model cannot be run */
function runnable(model: ModelFile): Pick<ModelInspection, "config" | "parameters" | "problem"> {
  const tensors = [...findTensors(model).values()];
  const parameters = tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const problem = vocabularyProblem(model.config, model.vocabulary);
  return { config: model.config, parameters, ...(problem !== undefined && { problem }) };
}

function summary({ config, vocabulary }: ModelFile): VocabularySummary {
  const tokenizer = tokenizerFor(config, vocabulary);
  const { name, endOfText, startOfText = endOfText, fim } = tokenizer;
  const ids = {
    startOfText,
    endOfText,
    ...(fim && { fimPrefix: fim.prefix, fimMiddle: fim.middle, fimSuffix: fim.suffix }),
  };
  const roles = Object.fromEntries(
    Object.entries(ids).map(([role, id]) => [role, { token: tokenizer.decode([id]), id }] as const),
  );
  if (vocabulary?.kind !== "bytePairs") return { name, roles };
  const { tokens, merges, added } = vocabulary.definition;
  const count = tokens.filter((token) => token !== undefined).length;
  return { name, roles, tokens: count, merges: merges.length / 3, added: added.length };
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
