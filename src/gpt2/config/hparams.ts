import type { ModelFiles } from "../../formats/byteSource";
import { ModelFileError } from "../../formats/errors";
import type { Gpt2Config } from "./config";
import { parseHuggingFaceConfig } from "./huggingFaceConfig";
import { readJsonFile } from "./vocabularyFiles";

const file = "hparams.json";

/**
 * Reads the `hparams.json` beside OpenAI's TensorFlow checkpoints.
 * @throws ModelFileError when it is missing, or has a value that makes no sense
 */
export async function readHparams(files: ModelFiles): Promise<Gpt2Config> {
  if (!files.names.includes(file)) {
    throw new ModelFileError(
      `${files.name} has no ${file} beside the checkpoint, so its shape is not known. Copy it from where the model came from.`,
    );
  }
  const json = await readJsonFile(files, file, { bytes: 1 << 16, values: 1000 });
  const { n_vocab: vocab_size, n_ctx: n_positions, n_embd, n_layer, n_head } = json;
  const config = { model_type: "gpt2", vocab_size, n_positions, n_embd, n_layer, n_head };
  return parseHuggingFaceConfig(JSON.stringify(config), file);
}
