import type { Gpt2Config } from "./config";

/** Consecutive layers of a model: those from `from` to before `to`, counted from 0. */
export interface LayerRange {
  readonly from: number;
  readonly to: number;
}

/** The config of a part: the same, but for the layers. */
export function partConfig(config: Gpt2Config, { from, to }: LayerRange): Gpt2Config {
  return { ...config, layers: to - from, part: { firstLayer: from, totalLayers: config.layers } };
}

/** Whether the embedding tables belong to it: to a whole model, and to its first part. */
export function hasEmbeddings({ part }: Gpt2Config): boolean {
  return part === undefined || part.firstLayer === 0;
}

/** Whether the final layer norm and the head belong to it: to a whole model, and to its last part. */
export function hasHead({ layers, part }: Gpt2Config): boolean {
  return part === undefined || part.firstLayer + layers === part.totalLayers;
}
