import type { ModelFiles } from "../../formats/byteSource";
import type { FormatId, TensorFile } from "../../formats/tensorFile";
import type { StatedRoles } from "../../tokenizer/byteLevel/names";
import type { Gpt2Config } from "../config/config";
import { ggufVocabularyOf, readGgufConfig } from "../config/ggufConfig";
import { readHparams } from "../config/hparams";
import { readHuggingFaceConfig } from "../config/huggingFaceConfig";
import { readLlmcConfig } from "../config/llmcConfig";
import { type FoundVocabulary, vocabularyBeside } from "../config/vocabularyFiles";
import { ggufLayout, huggingFaceLayout, type SourceLayout, tensorflowLayout } from "./sourceLayout";

/** How a model is read from files of one format. */
export interface ModelSource {
  /** @throws ModelFileError when the model is not a GPT-2, or nothing says what it is */
  config(file: TensorFile, files: ModelFiles): Promise<Gpt2Config>;
  /**
   * The vocabulary that the files hold.
   * @returns undefined when it is the one that `config` names, or the files hold none
   * @throws ModelFileError when a file is damaged
   */
  vocabulary(config: Gpt2Config, file: TensorFile, files: ModelFiles): Promise<FoundVocabulary | undefined>;
  layout(config: Gpt2Config, file: TensorFile): SourceLayout;
}

const huggingFace: ModelSource = {
  config: (file, files) => readHuggingFaceConfig(files, file.sources[0]?.name ?? "the weights"),
  vocabulary: (config, _, files) => vocabularyBeside(files, rolesIn(config)),
  layout: huggingFaceLayout,
};

function rolesIn({ beginOfText, endOfText }: Gpt2Config): StatedRoles {
  return { startOfText: beginOfText, endOfText };
}

/** Where config and names come from, for every format. */
export const modelSources: Readonly<Record<FormatId, ModelSource>> = {
  gguf: {
    config: (file) => Promise.resolve(readGgufConfig(file)),
    vocabulary: (config, file) => Promise.resolve(ggufVocabularyOf(file, config)),
    layout: ggufLayout,
  },
  tensorflow: { ...huggingFace, config: (_, files) => readHparams(files), layout: tensorflowLayout },
  llmc: { ...huggingFace, config: (file) => Promise.resolve(readLlmcConfig(file)) },
  safetensors: huggingFace,
  pytorch: huggingFace,
  onnx: huggingFace,
};
