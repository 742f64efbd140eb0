import type { Gpt2Config } from "../../config/config";
import { hasHead } from "../../config/part";
import { tap } from "../../taps";
import { GraphBuilder } from "./graphBuilder";

/** What the layers leave. */
export interface LayersOutput {
  /** The normalized rows that the head is applied to; undefined for a part of a model without the head. */
  readonly normalized: string | undefined;
  /** The residual stream after the last block, `[1, S, D]`, or with a head the wanted rows of it. */
  readonly residual: string;
  /** The residual stream after each block. */
  readonly blocks: readonly string[];
}

/**
 * How the layers of a transformer follow each other, whichever operators a provider has. The bias of a layer's last product is left to the
 * normalization after it, which ONNX Runtime adds together with the residual.
 */
export abstract class TransformerGraph {
  protected readonly config: Gpt2Config;
  protected readonly graph = new GraphBuilder();
  /** Whether tensors inside the pass are outputs. */
  protected readonly taps: boolean;

  protected constructor(config: Gpt2Config, taps: boolean) {
    this.config = config;
    this.taps = taps;
  }

  /** Self-attention of one layer up to, not including, the output projection: `[1, S, D]`. */
  protected abstract attention(normalized: string, layer: number): string;

  /** The feed-forward layer without its last bias, which the next layer norm adds. */
  protected abstract feedForward(normalized: string, layer: number): string;

  /** x·W without the bias. */
  protected abstract product(x: string, name: string, inputs: number, outputs: number): string;

  /** A vector of the weights. */
  protected abstract vector(tensor: string, length: number): string;

  /** Makes a value `[1, S, D]` an output under the name of a tap, where taps are wanted. */
  protected abstract tapRows(value: string, name: string): void;

  /** All layers and, where there is a head, the final norm. From the last block on there are only the rows of the input `rows`. @param residual `[1, S, D]` */
  protected layers(residual: string): LayersOutput {
    const { width, layers } = this.config;
    const blocks: string[] = [];
    let normalized = this.layerNorm(residual, "h.0.ln_1");
    this.tapRows(normalized, tap.ln1(0));
    for (let layer = 0; layer < layers; layer++) {
      const attention = this.attention(normalized, layer);
      const projected = this.product(attention, `h.${layer}.attn.c_proj`, width, width);
      this.#tapLinear(projected, tap.attention(layer));
      [normalized, residual] = this.#skipLayerNorm(projected, residual, `h.${layer}.ln_2`, `h.${layer}.attn.c_proj`);
      this.tapRows(normalized, tap.ln2(layer));
      let output = this.feedForward(normalized, layer);
      this.#tapLinear(output, tap.feedForward(layer));
      const last = layer === layers - 1;
      if (last && !hasHead(this.config)) {
        residual = this.#sum(output, residual, `h.${layer}.mlp.c_proj`);
        this.tapRows(residual, tap.block(layer));
        return { normalized: undefined, residual, blocks: [...blocks, residual] };
      }
      if (last) {
        output = this.graph.node("Gather", [output, "rows"], { axis: 1 });
        residual = this.graph.node("Gather", [residual, "rows"], { axis: 1 });
      }
      const next = last ? "ln_f" : `h.${layer + 1}.ln_1`;
      [normalized, residual] = this.#skipLayerNorm(output, residual, next, `h.${layer}.mlp.c_proj`);
      blocks.push(residual);
      this.tapRows(residual, tap.block(layer));
      this.tapRows(normalized, last ? tap.finalNorm : tap.ln1(layer + 1));
    }
    return { normalized, residual, blocks };
  }

  protected layerNorm(x: string, name: string): string {
    const attributes = { axis: -1, epsilon: { float: this.config.layerNormEpsilon } };
    return this.graph.node("LayerNormalization", [x, ...this.#normWeights(name)], attributes);
  }

  /** Adds a linear layer's output, its bias and the residual, and normalizes the sum: the normalized sum, and the sum. */
  #skipLayerNorm(x: string, residual: string, norm: string, biasOf: string): [normalized: string, sum: string] {
    const bias = this.vector(`${biasOf}.bias`, this.config.width);
    const outputs = [`${norm}.normalized`, `${norm}.sum`] as const;
    const attributes = { epsilon: { float: this.config.layerNormEpsilon } };
    const inputs = [x, residual, ...this.#normWeights(norm), bias];
    this.graph.microsoft("SkipLayerNormalization", inputs, attributes, [outputs[0], "", "", outputs[1]]);
    return [...outputs];
  }

  /** A linear layer's output, its bias and the residual, added in the order of {@link #skipLayerNorm}. */
  #sum(x: string, residual: string, biasOf: string): string {
    const bias = this.vector(`${biasOf}.bias`, this.config.width);
    return this.graph.node("Add", [this.graph.node("Add", [x, residual]), bias]);
  }

  #normWeights(name: string): [weight: string, bias: string] {
    const { width } = this.config;
    return [this.vector(`${name}.weight`, width), this.vector(`${name}.bias`, width)];
  }

  /** The product of a linear layer, with the bias that the next layer norm is left to add. */
  #tapLinear(product: string, name: string): void {
    if (!this.taps) return;
    this.tapRows(this.graph.node("Add", [product, this.vector(`${name}.bias`, this.config.width)]), name);
  }
}
