import type { ModelFiles } from "../../formats/byteSource";
import { ModelFileError } from "../../formats/errors";
import { openGguf } from "../../formats/gguf/open";
import { openSafetensors, openShards } from "../../formats/safetensors/open";
import type { TensorFile } from "../../formats/tensorFile";
import type { Gpt2Config } from "../config/config";
import { readGgufConfig } from "../config/ggufConfig";
import { parseHuggingFaceConfig } from "../config/huggingFaceConfig";

/** A model's config and the file with its tensors. Whoever opened it disposes the file. */
export interface ModelFile {
  readonly config: Gpt2Config;
  readonly file: TensorFile;
}

const index = "model.safetensors.index.json";

/**
 * Finds and opens the weights among the files of a model: `model.safetensors` or its shards with their `config.json`, else the only
 * GGUF file.
 * @throws ModelFileError when there are none, or more than one, or they cannot be used
 */
export async function openModelFile(files: ModelFiles): Promise<ModelFile> {
  const ending = (text: string) => files.names.filter((name) => name.toLowerCase().endsWith(text));
  const single = ending(".safetensors").length === 1 ? ending(".safetensors")[0] : undefined;
  const weights = files.names.includes("model.safetensors") ? "model.safetensors" : single;
  if (weights !== undefined || files.names.includes(index)) {
    if (files.names.includes("config.json") || ending(".gguf").length === 0) return openHuggingFace(files, weights);
  }
  const [gguf, another] = ending(".gguf");
  if (another !== undefined) {
    throw new ModelFileError(
      `${files.name} has several GGUF files. Name the one to open: ${ending(".gguf").join(", ")}.`,
    );
  }
  if (gguf !== undefined) return openGgufModel(files, gguf);
  throw new ModelFileError(nothingToOpen(files));
}

async function openGgufModel(files: ModelFiles, name: string): Promise<ModelFile> {
  const file = await openGguf(await files.open(name));
  try {
    return { config: readGgufConfig(file), file };
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

async function openHuggingFace(files: ModelFiles, weights: string | undefined): Promise<ModelFile> {
  if (!files.names.includes("config.json")) {
    throw new ModelFileError(
      `${files.name} has no config.json beside ${weights ?? index}, so its shape is not known. Copy it from where the model came from.`,
    );
  }
  const config = parseHuggingFaceConfig(await readText(files, "config.json"));
  const file =
    weights === undefined
      ? await openShards(await readText(files, index), index, (name) => files.open(name))
      : await openSafetensors(await files.open(weights));
  return { config, file };
}

async function readText(files: ModelFiles, name: string): Promise<string> {
  await using source = await files.open(name);
  if (source.size > 16 << 20) throw new ModelFileError(`${name} is too large to be what it should be.`);
  return new TextDecoder().decode(await source.read(0, source.size));
}

function nothingToOpen({ name, names }: ModelFiles): string {
  const wanted = "Needed is a .gguf file, or model.safetensors with its config.json.";
  const other = names.find((file) => /\.(bin|pt|pth|h5|msgpack|onnx)$/i.test(file));
  return other === undefined
    ? `${name} holds no model. ${wanted}`
    : `${name} holds no model in a format that can be read (${other} is of another). ${wanted}`;
}
