/** The shape and the choices of a GPT-2-family model. Field names are ours; the source's are in the comments. */
export interface Gpt2Config {
  /** `gpt2`, or GPT-BigCode (`gpt_bigcode`, GGUF `starcoder`), which may share one key/value head among all heads. */
  readonly architecture: "gpt2" | "gpt_bigcode";
  /** V. `vocab_size`. */
  readonly vocabSize: number;
  /** Positions that the model knows. `n_positions` / `n_ctx`. */
  readonly contextLength: number;
  /** D. `n_embd`. */
  readonly width: number;
  /** L. `n_layer`. */
  readonly layers: number;
  /** H. `n_head`. */
  readonly heads: number;
  /** Heads of keys and values: H, or 1 when `multi_query`. */
  readonly kvHeads: number;
  /** Width of the feed-forward layer. `n_inner`, or 4 D. */
  readonly innerWidth: number;
  /** `gelu_new` and its synonyms are the tanh form; `gelu` is the erf form. */
  readonly activation: "gelu_tanh" | "gelu_erf" | "relu";
  readonly layerNormEpsilon: number;
  /** Scores are divided by √head_dim. `scale_attn_weights`. */
  readonly scaleAttention: boolean;
  /** Scores of layer i are also divided by i + 1. `scale_attn_by_inverse_layer_idx`. */
  readonly scaleByInverseLayer: boolean;
  /** The head shares the token embedding's weights. `tie_word_embeddings`. */
  readonly tiedHead: boolean;
  readonly beginOfText: number;
  readonly endOfText: number;
  /** The tokenizer by the name that `tokenizerFor` knows, or another that the file gives; undefined when it says nothing. */
  readonly tokenizer: string | undefined;
  /** Given for a part of a model, whose layers {@link layers} counts. */
  readonly part?: PartOfModel;
}

/** Which part of a model a config describes. */
export interface PartOfModel {
  /** The index in the whole model of the part's layer 0. */
  readonly firstLayer: number;
  /** Layers of the whole model. */
  readonly totalLayers: number;
}

/** Width of one head, D / H. */
export function headWidth(config: Pick<Gpt2Config, "width" | "heads">): number {
  return config.width / config.heads;
}

/** What q·k is multiplied with: 1/√hd if scaled at all, and 1/(layer + 1), with the layer's number in the whole model, if that asks for it. */
export function attentionScale(config: Gpt2Config, layer: number): number {
  const scale = config.scaleAttention ? 1 / Math.sqrt(headWidth(config)) : 1;
  return config.scaleByInverseLayer ? scale / ((config.part?.firstLayer ?? 0) + layer + 1) : scale;
}
