import type { Gpt2Config } from "./config/config";
import type { CacheSlot, LanguageModel } from "./languageModel";

/** Numbers with a shape: row-major, outermost dimension first. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** Tensors by their names in {@link tap}. */
export type CheckpointTensors = ReadonlyMap<string, Tensor>;

/**
 * Names of the tensors inside a forward pass over S new tokens that follow P cached ones; T = P + S. They are the names of the modules in
 * Hugging Face's GPT-2 whose outputs they are. There is no batch dimension, and biases are included.
 */
export const tap = {
  /** Sum of token and position embedding, `[S, D]`. */
  embeddings: "wte+wpe",
  /** Layer normalization before a block's attention, `[S, D]`. */
  ln1: (layer: number) => `h.${layer}.ln_1`,
  /** `[S, H, hd]`. */
  query: (layer: number) => `h.${layer}.attn.query`,
  /** `[S, kvHeads, hd]`: of the new tokens, as they are computed and before they enter the cache. */
  key: (layer: number) => `h.${layer}.attn.key`,
  /** `[S, kvHeads, hd]`, as {@link tap.key}. */
  value: (layer: number) => `h.${layer}.attn.value`,
  /** Scaled q·kᵀ before mask and softmax, `[H, S, T]`. Only the causal part, column j ≤ P + row, is ever looked at. */
  scores: (layer: number) => `h.${layer}.attn.scores`,
  /** What each head attends to: softmax of the masked scores, `[H, S, T]`. */
  attentionWeights: (layer: number) => `h.${layer}.attn.weights`,
  /** Output of the attention, after its output projection, `[S, D]`. */
  attention: (layer: number) => `h.${layer}.attn.c_proj`,
  /** Layer normalization before a block's feed-forward layer, `[S, D]`. */
  ln2: (layer: number) => `h.${layer}.ln_2`,
  /** Output of the feed-forward layer, `[S, D]`. */
  feedForward: (layer: number) => `h.${layer}.mlp.c_proj`,
  /** Output of a block, both residuals added, `[S, D]`. */
  block: (layer: number) => `h.${layer}`,
  /** The final layer normalization, `[S, D]`. */
  finalNorm: "ln_f",
  /** `[S, V]`. */
  logits: "logits",
  /** What each block's output of the last token says through the final norm and the head, `[layers, V]` (the logit lens). */
  lens: "lens",
  /** The cache's keys after the pass, `[T, kvHeads, hd]`. */
  cachedKeys: (layer: number) => `cache.${layer}.key`,
  /** The cache's values after the pass, `[T, kvHeads, hd]`. */
  cachedValues: (layer: number) => `cache.${layer}.value`,
} as const;

/** What the twelve checkpoints look at: block 0 in full, of the other blocks the output, keys and values. */
export function checkpointTaps(config: Gpt2Config): readonly string[] {
  const layers = Array.from({ length: config.layers }, (_, layer) => layer);
  return [
    tap.ln1(0),
    tap.query(0),
    tap.scores(0),
    tap.attention(0),
    tap.feedForward(0),
    ...layers.flatMap((layer) => [
      tap.key(layer),
      tap.value(layer),
      tap.block(layer),
      tap.cachedKeys(layer),
      tap.cachedValues(layer),
    ]),
    tap.finalNorm,
    tap.logits,
  ];
}

/** Some of the tensors by their names; those that are not there are left out. */
export function pickTensors(tensors: CheckpointTensors, names: readonly string[]): CheckpointTensors {
  return new Map(
    names.flatMap((name) => {
      const tensor = tensors.get(name);
      return tensor ? [[name, tensor] as const] : [];
    }),
  );
}

/** A model whose graph was built with taps: the graph that serves completions, with the tensors inside it as further outputs. */
export interface TappedModel extends LanguageModel {
  /**
   * Runs `tokens` after what the slot holds, as {@link LanguageModel.forward}, in one pass, and copies the named tensors out.
   * Only the named tensors are copied, so asking for the `scores` of one layer is cheap.
   * @throws ContextOverflowError as `forward` does.
   */
  forwardTapped(slot: CacheSlot, tokens: readonly number[], taps: readonly string[]): Promise<CheckpointTensors>;
}
