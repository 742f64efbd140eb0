import type { ModelFiles } from "./byteSource";
import { ModelFileError } from "./errors";
import { isJsonObject, parseJsonObject } from "./json";
import { openTensorFile } from "./registry";
import type { PlacedTensor, TensorReader } from "./tensorReader";
import { joinTensorFiles } from "./tensorReader";

const indexLimits = { bytes: 16 << 20, values: 100 };

/**
 * Opens one file of weights, or the files that hold a model's weights together.
 * @param names file names in `files`
 * @throws ModelFileError when one is damaged, two hold a tensor of the same name, or they are in different formats
 */
export async function openTensorFiles(files: ModelFiles, names: readonly string[]): Promise<TensorReader> {
  const opened: TensorReader[] = [];
  try {
    for (const name of names) {
      const folder = name.slice(0, name.lastIndexOf("/") + 1);
      opened.push(await openTensorFile(await files.open(name), (sibling) => files.open(folder + sibling)));
    }
    return joinTensorFiles(opened);
  } catch (error) {
    await Promise.all(opened.map((file) => file[Symbol.asyncDispose]()));
    throw error;
  }
}

/**
 * Opens the shards that an index lists (`model.safetensors.index.json` or `pytorch_model.bin.index.json`).
 * @throws ModelFileError when the index makes no sense, or a shard lacks a tensor that the index puts there
 */
export async function openIndexedShards(files: ModelFiles, indexName: string): Promise<TensorReader> {
  const shardOf = await readIndex(files, indexName);
  const file = await openTensorFiles(files, [...new Set(shardOf.values())]);
  for (const [tensor, shard] of shardOf) {
    const found: PlacedTensor | undefined = file.tensors.get(tensor);
    if (found?.source.name === shard) continue;
    await file[Symbol.asyncDispose]();
    throw new ModelFileError(`${shard} lacks the tensor ${tensor}, which ${indexName} puts there.`);
  }
  return file;
}

async function readIndex(files: ModelFiles, name: string): Promise<ReadonlyMap<string, string>> {
  await using source = await files.open(name);
  if (source.size > indexLimits.bytes) throw new ModelFileError(`${name} is too large for an index.`);
  const map = parseJsonObject(await source.read(0, source.size), name, indexLimits)["weight_map"];
  const entries = isJsonObject(map) ? Object.entries(map) : [];
  // A shard's name is a file beside the index, never a path to somewhere else.
  const shards = entries.filter((entry): entry is [string, string] => /^[^/\\]+$/.test(String(entry[1])));
  if (shards.length === 0 || shards.length !== entries.length) {
    throw new ModelFileError(
      `${name} does not say which file holds which tensor: its "weight_map" is missing or damaged.`,
    );
  }
  return new Map(shards);
}
