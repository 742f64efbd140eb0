import type { ModelFiles } from "../../formats/byteSource";
import { openWeightsFile } from "../../formats/modelFolder";
import type { TensorFile } from "../../formats/tensorFile";
import type { ModelVocabulary } from "../../tokenizer/byteLevel/definition";
import type { Gpt2Config } from "../config/config";
import type { SourceLayout } from "./sourceLayout";
import { modelSources } from "./sources";

/** A model's config and the file with its tensors. Whoever opened it disposes the file. */
export interface ModelFile {
  readonly config: Gpt2Config;
  /** The vocabulary that the files hold, unless it is one that `config` names. */
  readonly vocabulary?: ModelVocabulary;
  readonly layout: SourceLayout;
  readonly file: TensorFile;
}

/**
 * Finds and opens the weights among the files of a model, in whichever format they are.
 * @throws ModelFileError when there are none, when it is unclear which are meant, or when they cannot be used
 */
export async function openModelFile(files: ModelFiles): Promise<ModelFile> {
  const file = await openWeightsFile(files);
  try {
    return await modelOf(file, files);
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

/** The model in a file that is open. @throws ModelFileError when it is not a GPT-2, or nothing says what it is */
export async function modelOf(file: TensorFile, files: ModelFiles): Promise<ModelFile> {
  const source = modelSources[file.format];
  const read = await source.config(file, files);
  const found = await source.vocabulary(read, file, files);
  const config = found === undefined ? read : { ...read, tokenizer: found.name };
  const layout = source.layout(config, file);
  return { config, layout, file, ...(found?.vocabulary && { vocabulary: found.vocabulary }) };
}
