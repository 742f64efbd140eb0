import type { ModelFiles } from "./byteSource";
import { ModelFileError } from "./errors";
import type { WeightsFormat } from "./format";
import { formatByEnding, formats, openTensorFile } from "./registry";
import { openIndexedShards, openTensorFiles } from "./shards";
import type { TensorReader } from "./tensorReader";

/** Files that describe a model, its vocabulary and what it should compute, and lie beside its weights. */
const companions =
  /^(config|generation_config|tokenizer|tokenizer_config|vocab|added_tokens|special_tokens_map|checkpoints)\.json$|^merges\.txt$/;
const indexEnding = ".index.json";
/** What training leaves beside a model: files with a weights file's ending that hold no model. */
const trainingFiles =
  /^(training_args|optimizer|scheduler|scaler|rng_state.*|adapter_model)\.(bin|pt|pth|safetensors)$/;
/** `model-00001-of-00003.safetensors`, in any format. */
const shardName = /^(.*)-(\d{5})-of-(\d{5})((?:\.\w+)*)$/;

/** Whether a file by this name may hold weights, going by its ending alone. */
export function isWeightsName(name: string): boolean {
  return formatByEnding(name) !== undefined && !trainingFiles.test(name);
}

/**
 * The files of a folder that belong to one model.
 * @param names of all files in the folder
 * @param chosen the file that a person named: weights, one shard of them, an index or `config.json`; undefined for the folder itself
 */
export function modelFileNames(names: readonly string[], chosen?: string): readonly string[] {
  const about = names.filter((name) => companions.test(name));
  if (chosen === undefined || companions.test(chosen)) {
    const known = names.filter((name) => isWeightsName(name) || name.endsWith(indexEnding));
    return [...(known.length > 0 ? known : names.filter((name) => !companions.test(name))), ...about];
  }
  if (chosen.endsWith(indexEnding)) {
    const single = chosen.slice(0, -indexEnding.length);
    return [chosen, ...names.filter((name) => isWeightsName(name) && name !== single), ...about];
  }
  return [...shardsWith(chosen, names), ...about];
}

/** The shards that belong together with `name`, itself among them; those that are missing are listed all the same. */
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
  const file = await openWeights(files);
  try {
    formats.find(({ id }) => id === file.format)?.checkComplete?.(file);
    return file;
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

async function openWeights(files: ModelFiles): Promise<TensorReader> {
  const { names } = files;
  // GGUF files describe themselves; a config.json says that the others are meant.
  const last = names.includes("config.json");
  const order = [...formats].sort((a, b) => Number(a.selfDescribing === last) - Number(b.selfDescribing === last));
  for (const format of order) {
    const opened = await openInFormat(files, format);
    if (opened !== undefined) return opened;
  }
  const others = names.filter((name) => !companions.test(name) && !name.endsWith(indexEnding));
  const [only, another] = others;
  if (only !== undefined && another === undefined) return openTensorFile(await files.open(only));
  throw new ModelFileError(nothingToOpen(files, others));
}

async function openInFormat(files: ModelFiles, format: WeightsFormat): Promise<TensorReader | undefined> {
  const [usual] = format.usualNames;
  const named = files.names.filter((name) => isWeightsName(name) && formatByEnding(name) === format);
  const index = files.names.find((name) => format.usualNames.some((weights) => name === `${weights}.index.json`));
  const standard = format.usualNames.find((name) => named.includes(name));
  if (standard !== undefined) return openTensorFile(await files.open(standard));
  if (index !== undefined) return openIndexedShards(files, index);
  const groups = new Map(named.map((name) => [shardsWith(name, named).join(), shardsWith(name, named)]));
  const [group, other] = groups.values();
  if (group === undefined) return undefined;
  if (other === undefined) return openTensorFiles(files, group);
  if (usual !== undefined) return openTogether(files, named);
  throw several(files, named);
}

/** Opens files of which each may hold a part of the model. */
async function openTogether(files: ModelFiles, names: readonly string[]): Promise<TensorReader> {
  try {
    return await openTensorFiles(files, names);
  } catch (error) {
    if (error instanceof ModelFileError) throw several(files, names, error);
    throw error;
  }
}

function several(files: ModelFiles, names: readonly string[], cause?: ModelFileError): ModelFileError {
  const why = cause === undefined ? "" : ` (${cause.message.replace(/\.$/, "")})`;
  return new ModelFileError(
    `${files.name} has several files with weights${why}. Name the one to open: ${names.join(", ")}.`,
  );
}

function nothingToOpen({ name }: ModelFiles, others: readonly string[]): string {
  const readable = formats.map((format) => `${format.name} (${format.endings.join(", ")})`).join(", ");
  const found = others.length === 0 ? "" : ` Found: ${others.slice(0, 5).join(", ")}.`;
  return `${name} holds no model. Readable are ${readable}, with the config.json of the model beside files that are not GGUF.${found}`;
}
