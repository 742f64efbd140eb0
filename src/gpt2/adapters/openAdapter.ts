import type { ModelFiles } from "../../formats/byteSource";
import { ModelFileError } from "../../formats/errors";
import { adapterWeightsNames } from "../../formats/modelFolder";
import { printable } from "../../formats/printable";
import { openTensorFiles } from "../../formats/shards";
import type { TensorFile } from "../../formats/tensorFile";
import type { Gpt2Config } from "../config/config";
import { allFinite } from "../weights/allFinite";
import { groupQkv } from "../weights/groupQkv";
import { transpose } from "../weights/transpose";
import type { LoraAdapter, LowRankUpdate } from "./adapter";
import { isHeadByHead } from "./adaptedTensors";
import { ggufPairs, type LoraPair, peftPairs } from "./loraPairs";
import { peftConfigFile } from "./peftConfig";

/**
 * Reads a LoRA adapter: a folder of PEFT (`adapter_config.json` and `adapter_model.safetensors` or `.bin`), or a GGUF file of llama.cpp.
 * @param config of the model that it is for
 * @throws ModelFileError when there is none, it is damaged, it belongs to another model, or it needs something that is not supported
 */
export async function openAdapter(files: ModelFiles, config: Gpt2Config): Promise<LoraAdapter> {
  const weights = weightsName(files);
  const isPeft = adapterWeightsNames.includes(weights);
  const configBytes = isPeft ? await readPeftConfig(files, weights) : undefined;
  await using file = await openTensorFiles(files, [weights]);
  const pairs = configBytes === undefined ? ggufPairs(file, config) : peftPairs(file, configBytes, config);
  const updates = new Map<string, LowRankUpdate>();
  for (const pair of pairs) updates.set(pair.adapted.name, await readUpdate(file, pair, isPeft, config));
  let bytes = 0;
  for (const { left, right } of updates.values()) bytes += left.byteLength + right.byteLength;
  return { name: files.name, updates, bytes, fingerprint: await fingerprintOf(updates) };
}

/** The file with the matrices. */
function weightsName({ name, names }: ModelFiles): string {
  const usual = adapterWeightsNames.find((candidate) => names.includes(candidate));
  if (usual !== undefined) return usual;
  const [only, another] = names.filter((candidate) => candidate.toLowerCase().endsWith(".gguf"));
  if (only !== undefined && another === undefined) return only;
  throw new ModelFileError(
    `${name} holds no LoRA adapter. A folder of one has ${peftConfigFile} and ${adapterWeightsNames[0]}; a GGUF adapter is one file.`,
  );
}

async function readPeftConfig(files: ModelFiles, weights: string): Promise<Uint8Array> {
  if (!files.names.includes(peftConfigFile)) {
    throw new ModelFileError(
      `${files.name} has no ${peftConfigFile} beside ${weights}, so the adapter's scale is not known. Copy it from where the adapter came from.`,
    );
  }
  await using source = await files.open(peftConfigFile);
  return await source.read(0, Math.min(source.size, largestConfig));
}

/** One byte more than is accepted. */
const largestConfig = (1 << 20) + 1;

async function readUpdate(
  file: TensorFile,
  { module, adapted, a, b, rank, scale }: LoraPair,
  isPeft: boolean,
  config: Gpt2Config,
): Promise<LowRankUpdate> {
  const down = await file.read(a.name);
  const stored = await file.read(b.name);
  const ordered = isPeft && isHeadByHead(module, adapted, config) ? groupQkv(stored, config) : stored;
  const up = transpose(ordered, adapted.to, rank);
  const [left, right] = adapted.isStoredFromTo ? [down, up] : [up, down];
  const update = { rank, left, right: right.map((value) => value * scale) };
  if (!allFinite(update.left) || !allFinite(update.right)) {
    throw new ModelFileError(
      `The adapter is damaged: ${printable(a.name)} or ${printable(b.name)}, with its scale ${scale}, holds numbers that are not finite ` +
        "(NaN or infinity). Download or convert it again.",
    );
  }
  return update;
}

async function fingerprintOf(updates: ReadonlyMap<string, LowRankUpdate>): Promise<string> {
  const parts = Array.from(updates, ([name, { rank, left, right }]) => [
    new TextEncoder().encode(JSON.stringify([name, rank])),
    new Uint8Array(left.slice().buffer),
    new Uint8Array(right.slice().buffer),
  ]);
  const all = await new Blob(parts.flat()).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
