import { type Gpt2Config, headWidth } from "../config/config";
import { hasEmbeddings, hasHead } from "../config/part";

/** Width of the fused query, key and value projection: D + 2·kvHeads·hd, which is 3 D unless heads share keys and values. */
export function qkvWidth(config: Gpt2Config): number {
  return config.width + 2 * config.kvHeads * headWidth(config);
}

/**
 * Every tensor of a model, or of a part of one, by its name in {@link Gpt2Weights}, with its shape; linear weights are `[in, out]`.
 * The order is that of a forward pass.
 */
export function tensorShapes(config: Gpt2Config): ReadonlyMap<string, readonly number[]> {
  const { vocabSize, contextLength, width, innerWidth } = config;
  const shapes = new Map<string, readonly number[]>();
  const add = (name: string, weight: readonly number[], bias: number) => {
    shapes.set(`${name}.weight`, weight);
    shapes.set(`${name}.bias`, [bias]);
  };
  const head = hasHead(config);
  if (hasEmbeddings(config) || (head && config.tiedHead)) shapes.set("wte.weight", [vocabSize, width]);
  if (hasEmbeddings(config)) shapes.set("wpe.weight", [contextLength, width]);
  for (let layer = 0; layer < config.layers; layer++) {
    add(`h.${layer}.ln_1`, [width], width);
    add(`h.${layer}.attn.c_attn`, [width, qkvWidth(config)], qkvWidth(config));
    add(`h.${layer}.attn.c_proj`, [width, width], width);
    add(`h.${layer}.ln_2`, [width], width);
    add(`h.${layer}.mlp.c_fc`, [width, innerWidth], innerWidth);
    add(`h.${layer}.mlp.c_proj`, [innerWidth, width], width);
  }
  if (!head) return shapes;
  add("ln_f", [width], width);
  if (!config.tiedHead) shapes.set("lm_head.weight", [vocabSize, width]);
  return shapes;
}

/** Whether a tensor is the weight of a linear layer, which files may hold transposed (the head is stored `[V, D]` by all). */
export function isLinearWeight(name: string): boolean {
  return /\.(c_attn|c_proj|c_fc)\.weight$/.test(name);
}

/** Numbers in a tensor of this shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
