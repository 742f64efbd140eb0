import type { ModelFiles } from "./byteSource";
import { ModelFileError } from "./errors";
import type { WeightsFormat } from "./format";
import { formatByEnding, formats } from "./registry";
import { openIndexedShards, openTensorFiles } from "./shards";
import type { TensorReader } from "./tensorReader";

/** What PEFT calls the matrices of a LoRA adapter. */
export const adapterWeightsNames: readonly string[] = ["adapter_model.safetensors", "adapter_model.bin"];

/** Files that describe a model, its vocabulary and what it should compute, and lie beside its weights, and those of an adapter. */
const companions =
  /^(config|generation_config|tokenizer|tokenizer_config|vocab|encoder|hparams|added_tokens|special_tokens_map|checkpoints|adapter_config)\.json$|^adapter_model\.(safetensors|bin)$|^merges\.txt$|^vocab\.bpe$|\.onnx[._]data(_\d+)?$|\.data-\d{5}-of-\d{5}$/;
const indexEnding = ".index.json";
/** What training leaves beside a model: files with a weights file's ending that hold no model. */
const trainingFiles =
  /^(training_args|optimizer|scheduler|scaler|rng_state.*|adapter_model)\.(bin|pt|pth|safetensors)$/;
/** `model-00001-of-00003.safetensors`, in any format. */
const shardName = /^(.*)-(\d{5})-of-(\d{5})((?:\.\w+)*)$/;

/** Which of a folder's files hold the weights of its model. */
type WeightsChoice =
  | { readonly kind: "files"; readonly names: readonly string[] }
  | { readonly kind: "index"; readonly index: string; readonly names: readonly string[] }
  /** Parts of one model, or several models: their contents tell. */
  | { readonly kind: "several"; readonly names: readonly string[] }
  | { readonly kind: "none" };

/**
 * The files of a folder that belong to one model: its weights, and those that describe it.
 * @param names of all files in the folder
 * @param chosen the file that a person named: weights, one shard of them, an index or `config.json`; undefined for the folder itself
 * @throws ModelFileError when other shards than the named one are missing
 */
export function modelFileNames(names: readonly string[], chosen?: string): readonly string[] {
  // Without its config, an adapter is nothing but what training left beside a model.
  const isAdapter = names.includes("adapter_config.json");
  const about = names.filter((name) => companions.test(name) && (isAdapter || !adapterWeightsNames.includes(name)));
  if (chosen === undefined || companions.test(chosen)) return [...weightsAmong(chooseWeights(names)), ...about];
  if (!chosen.endsWith(indexEnding)) return [...shardsWith(chosen, names), ...about];
  const single = chosen.slice(0, -indexEnding.length);
  return [...weightsAmong(chooseWeights(names.filter((name) => name !== single))), ...about];
}

function weightsAmong(choice: WeightsChoice): readonly string[] {
  if (choice.kind === "none") return [];
  return choice.kind === "index" ? [choice.index, ...choice.names] : choice.names;
}

function chooseWeights(names: readonly string[]): WeightsChoice {
  // GGUF files describe themselves; a config.json says that the others are meant.
  const last = names.includes("config.json");
  const order = [...formats].sort((a, b) => Number(a.selfDescribing === last) - Number(b.selfDescribing === last));
  for (const format of order) {
    const choice = chooseInFormat(names, format);
    if (choice.kind !== "none") return choice;
  }
  const [only, another] = names.filter((name) => !companions.test(name) && !name.endsWith(indexEnding));
  return only === undefined || another !== undefined ? { kind: "none" } : { kind: "files", names: [only] };
}

function chooseInFormat(names: readonly string[], format: WeightsFormat): WeightsChoice {
  const named = names.filter((name) => formatByEnding(name) === format && !trainingFiles.test(name));
  const usual = format.usualNames.find((name) => named.includes(name));
  if (usual !== undefined) return { kind: "files", names: [usual] };
  const index = names.find((name) => format.usualNames.some((weights) => name === weights + indexEnding));
  if (index !== undefined) return { kind: "index", index, names: named };
  const groups = new Map(named.map((name) => [shardsWith(name, named).join(), shardsWith(name, named)]));
  const [group, another] = groups.values();
  if (group === undefined) return { kind: "none" };
  return another === undefined ? { kind: "files", names: group } : { kind: "several", names: named };
}

/** The shards that belong together with `name`, itself among them. */
function shardsWith(name: string, names: readonly string[]): readonly string[] {
  const [, stem = "", , count = "", ending = ""] = shardName.exec(name) ?? [];
  const total = Number(count);
  if (total < 2 || total > 1000) return [name];
  const all = Array.from({ length: total }, (_, i) => `${stem}-${String(i + 1).padStart(5, "0")}-of-${count}${ending}`);
  const missing = all.filter((shard) => shard !== name && !names.includes(shard));
  if (missing.length === 0) return all;
  throw new ModelFileError(
    `${name} is one of ${total} files of a model, and ${missing.slice(0, 3).join(", ")}${missing.length > 3 ? "…" : ""} ` +
      `${missing.length === 1 ? "is" : "are"} not beside it. Copy all of them into one folder.`,
  );
}

/**
 * Opens the weights among the files of a model.
 * @throws ModelFileError when there are none, when it is unclear which are meant, or when they cannot be read
 */
export async function openWeightsFile(files: ModelFiles): Promise<TensorReader> {
  const file = await openChoice(files, chooseWeights(files.names));
  try {
    formats.find(({ id }) => id === file.format)?.checkComplete?.(file);
    return file;
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

async function openChoice(files: ModelFiles, choice: WeightsChoice): Promise<TensorReader> {
  switch (choice.kind) {
    case "files":
      return openTensorFiles(files, choice.names);
    case "index":
      return openIndexedShards(files, choice.index);
    case "several":
      return openTogether(files, choice.names);
    case "none":
      if (files.names.some((name) => adapterWeightsNames.includes(name))) {
        throw new ModelFileError(
          `${files.name} is a LoRA adapter, which is added to a model. Choose the model that it was trained on, and name the adapter in the setting gpt2.adapters or with --adapter.`,
        );
      }
      throw new ModelFileError(`${files.name} holds no model. ${neededFiles()}`);
  }
}

/** Opens files of which each may hold a part of the model. */
async function openTogether(files: ModelFiles, names: readonly string[]): Promise<TensorReader> {
  try {
    return await openTensorFiles(files, names);
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    const why = error.message.replace(/\.$/, "");
    throw new ModelFileError(
      `${files.name} has several files with weights (${why}). Name the one to open: ${names.join(", ")}.`,
      { cause: error },
    );
  }
}

/** What a folder must hold to be a model, a sentence for a person. */
export function neededFiles(): string {
  const readable = formats.map(({ name, endings }) => `${name} (${endings.join(", ")})`).join(", ");
  return `Readable are ${readable}; files other than GGUF's and llm.c's need the config.json of the model beside them (TensorFlow's its hparams.json).`;
}
