import type { Gpt2Config } from "../config/config";
import { qkvWidth, tensorShapes } from "../weights/tensorShapes";

/** A matrix of `Gpt2Weights` that an adapter may change. */
export interface AdaptedTensor {
  /** In `Gpt2Weights`. */
  readonly name: string;
  /** What the adapted module maps from and to: A is `[rank, from]` and B `[to, rank]`. */
  readonly from: number;
  readonly to: number;
  /** Whether `Gpt2Weights` stores it `[from, to]`; the head is `[to, from]`. */
  readonly isStoredFromTo: boolean;
  readonly isEmbedding: boolean;
}

/** The matrices of a model that an adapter may change, by the names of their modules: `h.0.attn.c_attn`, `wte`. */
export function adaptedTensors(config: Gpt2Config): ReadonlyMap<string, AdaptedTensor> {
  const { vocabSize, width } = config;
  const adapted = new Map<string, AdaptedTensor>();
  for (const [name, [from, to]] of tensorShapes(config)) {
    if (from === undefined || to === undefined || name === "lm_head.weight") continue;
    const module = name.slice(0, -".weight".length);
    adapted.set(module, { name, from, to, isStoredFromTo: true, isEmbedding: module === "wte" || module === "wpe" });
  }
  const head = { name: "lm_head.weight", from: width, to: vocabSize, isStoredFromTo: false, isEmbedding: false };
  return adapted.set("lm_head", head);
}

/** Whether the rows of a module's B are to be reordered, as those of its weight are (see `groupQkv`), in files with Hugging Face's names. */
export function isHeadByHead(module: string, { to }: AdaptedTensor, config: Gpt2Config): boolean {
  const { architecture, heads, kvHeads } = config;
  return architecture === "gpt_bigcode" && heads === kvHeads && module.endsWith(".c_attn") && to === qkvWidth(config);
}
