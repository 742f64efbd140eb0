import type { ModelFiles } from "../../formats/byteSource";
import type { FormatId, TensorFile } from "../../formats/tensorFile";
import type { Gpt2Config } from "../config/config";
import { readGgufConfig } from "../config/ggufConfig";
import { readHuggingFaceConfig } from "../config/huggingFaceConfig";
import { ggufLayout, huggingFaceLayout, type SourceLayout } from "./sourceLayout";

/** How a model is read from files of one format. */
export interface ModelSource {
  /** @throws ModelFileError when the model is not a GPT-2, or nothing says what it is */
  config(file: TensorFile, files: ModelFiles): Promise<Gpt2Config>;
  layout(config: Gpt2Config, file: TensorFile): SourceLayout;
}

const huggingFace: ModelSource = {
  config: (file, files) => readHuggingFaceConfig(files, file.sources[0]?.name ?? "the weights"),
  layout: huggingFaceLayout,
};

/** Where config and names come from, for every format. */
export const modelSources: Readonly<Record<FormatId, ModelSource>> = {
  gguf: { config: (file) => Promise.resolve(readGgufConfig(file)), layout: ggufLayout },
  safetensors: huggingFace,
  pytorch: huggingFace,
  onnx: huggingFace,
};
