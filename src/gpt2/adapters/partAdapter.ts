import type { Gpt2Config } from "../config/config";
import { nameInPart } from "../weights/partWeights";
import type { LoraAdapter } from "./adapter";

/**
 * What an adapter adds to the layers of a part, whose names count from the part's first, and to the head if that is in the part. What it
 * adds to the embeddings is left out: that is added before the first part, see `addEmbeddingUpdates`.
 * @param config that of the part
 */
export function partAdapter(adapter: LoraAdapter, config: Gpt2Config): LoraAdapter {
  const updates = Array.from(adapter.updates).flatMap(([tensor, update]) => {
    const name = tensor === "wte.weight" || tensor === "wpe.weight" ? undefined : nameInPart(tensor, config);
    return name === undefined ? [] : [[name, update] as const];
  });
  return { ...adapter, updates: new Map(updates) };
}
