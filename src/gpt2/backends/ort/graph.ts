import { tap } from "../../taps";
import { hasHead } from "../../config/part";
import { attentionScale, type Gpt2Config, headWidth } from "../../config/config";
import type { Precision } from "../../languageModel";
import type { OnnxGraph } from "./onnx";
import { qkvWidth } from "../../weights/tensorShapes";
import { headWeight, scalesOf } from "../../weights/weightList";
import { TransformerGraph } from "./transformerGraph";

export interface GraphOptions {
  readonly precision: Precision;
  /** Adds the tensors inside the pass as outputs, by their names in `tap`. */
  readonly taps: boolean;
}

export interface Gpt2Graph {
  readonly graph: OnnxGraph;
  /** Names of the outputs that are taps. */
  readonly taps: readonly string[];
}

/**
 * The transformer from embeddings to logits, or a part of its layers, with the keys and values in caches that the caller owns.
 *
 * Inputs: `x [1, S, D]` (token and position embeddings), `mask [S + P, T]` (added to the scores: 0, or very negative where a token must not
 * look), `write_at [1]` (row of the cache where the step's first key goes), `rows [R]` (tokens of the step whose logits are wanted),
 * and per layer `past_key_N`, `past_value_N [1, T, kvHeads·hd]`, whose last rows are still to be written.
 * Outputs: `logits [1, R, V]`, or of a part without the head (which has no `rows`) the residual stream after its last layer,
 * `residual [1, S, D]`, and per layer `present_key_N`, `present_value_N`, which must be bound to the very tensors of the past.
 * Then `TensorScatter` writes the new rows in place, and nothing of the past is ever copied.
 *
 * In int8 a token gets the same logits, bit for bit, whatever else is in its step: the integer products are exact, and the attention, the
 * only float product left, is given an even number of queries by `pad [1, P, D]` (P = 0 or 1, zeros; `step_length [1]` is S) and a T that
 * is a multiple of 16. ONNX Runtime's kernels add in another order for a last odd row and for the columns after the last whole vector, and
 * a difference in the last bit would become one of a whole rounding step in the next layer.
 */
export function buildGraph(config: Gpt2Config, options: GraphOptions): Gpt2Graph {
  return new Gpt2GraphBuilder(config, options).build();
}

class Gpt2GraphBuilder extends TransformerGraph {
  readonly #precision: Precision;
  readonly #taps: string[] = [];
  readonly #kvWidth: number;

  constructor(config: Gpt2Config, { precision, taps }: GraphOptions) {
    super(config, taps);
    this.#precision = precision;
    this.#kvWidth = config.kvHeads * headWidth(config);
  }

  build(): Gpt2Graph {
    const { config, graph } = this;
    const { width } = config;
    graph.input("x", "float32", [1, "S", width]);
    graph.input("mask", "float32", ["M", "T"]);
    graph.input("write_at", "int64", [1]);
    if (hasHead(config)) graph.input("rows", "int64", ["R"]);
    if (this.#precision === "int8") {
      graph.input("pad", "float32", [1, "P", width]);
      graph.input("step_length", "int64", [1]);
    }

    this.#tap("x", tap.embeddings, [width]);
    const { normalized, residual, blocks } = this.layers("x");
    if (normalized === undefined) {
      graph.nodes("Identity", [residual], {}, ["residual"]);
      graph.declareOutput("residual", [1, "S", width]);
    } else {
      graph.nodes("Identity", [this.#head(normalized)], {}, ["logits"]);
      graph.declareOutput("logits", [1, "R", config.vocabSize]);
      this.#tapLens(blocks);
    }
    return { graph: graph.build(), taps: this.#taps };
  }

  protected override attention(normalized: string, layer: number): string {
    const { config, graph } = this;
    const { width, heads, kvHeads } = config;
    const kvWidth = this.#kvWidth;
    const name = `h.${layer}.attn.c_attn`;
    const product = this.product(normalized, name, width, qkvWidth(config));
    const qkv = graph.node("Add", [product, this.vector(`${name}.bias`, qkvWidth(config))]);
    const sizes = graph.constant(
      "qkv_sizes",
      "int64",
      [3],
      BigInt64Array.of(BigInt(width), BigInt(kvWidth), BigInt(kvWidth)),
    );
    const [query, key, value] = [`query_${layer}`, `key_${layer}`, `value_${layer}`];
    graph.nodes("Split", [qkv, sizes], { axis: -1 }, [query, key, value]);
    const keys = this.#append("key", layer, key);
    const values = this.#append("value", layer, value);
    const exact = this.#precision === "int8";
    const attention = `attention_${layer}`;
    const scores = `scores_${layer}`;
    graph.nodes(
      "Attention",
      [exact ? graph.node("Concat", [query, "pad"], { axis: 1 }) : query, keys, values, "mask"],
      { q_num_heads: heads, kv_num_heads: kvHeads, scale: { float: attentionScale(config, layer) } },
      this.taps ? [attention, "", "", scores] : [attention],
    );
    this.#tap(query, tap.query(layer), [heads, headWidth(config)]);
    this.#tap(key, tap.key(layer), [kvHeads, headWidth(config)]);
    this.#tap(value, tap.value(layer), [kvHeads, headWidth(config)]);
    if (this.taps) this.#tapScores(scores, layer);
    return exact ? this.#firstRows(attention) : attention;
  }

  /** The rows of the step without the padding. */
  #firstRows(rows: string): string {
    const graph = this.graph;
    const start = graph.constant("first_row", "int64", [1], BigInt64Array.of(0n));
    const axis = graph.constant("row_axis", "int64", [1], BigInt64Array.of(1n));
    return graph.node("Slice", [rows, start, "step_length", axis]);
  }

  /** Writes the step's rows into the cache, which both `past_…` and `present_…` must be bound to. */
  #append(kind: "key" | "value", layer: number, update: string): string {
    const past = `past_${kind}_${layer}`;
    const present = `present_${kind}_${layer}`;
    this.graph.input(past, "float32", [1, "T", this.#kvWidth]);
    this.graph.nodes("TensorScatter", [past, update, "write_at"], { axis: 1 }, [present]);
    this.graph.declareOutput(present, [1, "T", this.#kvWidth]);
    return present;
  }

  protected override feedForward(normalized: string, layer: number): string {
    const { width, innerWidth, activation } = this.config;
    const name = `h.${layer}.mlp.c_fc`;
    const hidden = this.product(normalized, name, width, innerWidth);
    const bias = this.vector(`${name}.bias`, innerWidth);
    const active = this.#activate(hidden, bias, activation);
    return this.product(active, `h.${layer}.mlp.c_proj`, innerWidth, width);
  }

  #activate(hidden: string, bias: string, activation: Gpt2Config["activation"]): string {
    const graph = this.graph;
    switch (activation) {
      case "gelu_tanh":
        return graph.microsoft("FastGelu", [hidden, bias]);
      case "gelu_erf":
        return graph.microsoft("BiasGelu", [hidden, bias]);
      case "relu":
        return graph.node("Relu", [graph.node("Add", [hidden, bias])]);
    }
  }

  #head(normalized: string): string {
    const { width, vocabSize } = this.config;
    return this.#matrixProduct(normalized, headWeight, [width, vocabSize]);
  }

  protected override product(x: string, name: string, inputs: number, outputs: number): string {
    return this.#matrixProduct(x, `${name}.weight`, [inputs, outputs]);
  }

  #matrixProduct(x: string, name: string, shape: readonly [inputs: number, outputs: number]): string {
    const graph = this.graph;
    const quantized = this.#precision === "int8";
    const matrix = graph.external(name, quantized ? "int8" : "float32", shape);
    if (!quantized) return graph.node("MatMul", [x, matrix]);
    const scales = graph.external(scalesOf(name), "float32", [shape[1]]);
    // ONNX Runtime's DynamicQuantizeMatMul has one scale for all rows, so a token's result would depend on the other tokens of the step.
    // Instead each row is divided by its largest magnitude, rounded to ±127 around 128, and multiplied back.
    const axes = graph.constant("last_axis", "int64", [1], BigInt64Array.of(-1n));
    const step = graph.constant("step", "float32", [], Float32Array.of(1 / 127));
    const zero = graph.constant("zero", "uint8", [], Uint8Array.of(128));
    const largest = graph.node("ReduceMax", [graph.node("Abs", [x]), axes]);
    const rounded = graph.node("QuantizeLinear", [graph.node("Div", [x, largest]), step, zero]);
    const product = graph.microsoft("MatMulIntegerToFloat", [rounded, matrix, step, scales, zero]);
    return graph.node("Mul", [product, largest]);
  }

  protected override vector(tensor: string, length: number): string {
    return this.graph.external(tensor, "float32", [length]);
  }

  protected override tapRows(value: string, name: string): void {
    this.#tap(value, name, [this.config.width]);
  }

  /** Makes a value `[1, S, …]` an output of shape `[S, …inner]`. */
  #tap(value: string, name: string, inner: readonly number[]): void {
    if (!this.taps) return;
    const shape = [-1, ...inner].map(BigInt);
    const target = this.graph.constant(`shape_${inner.join("_")}`, "int64", [shape.length], BigInt64Array.from(shape));
    this.#tapOutput("Reshape", [value, target], name, ["S", ...inner]);
  }

  #tapScores(scores: string, layer: number): void {
    const shape = [this.config.heads, "S", "T"];
    const axis = this.graph.constant("first_axis", "int64", [1], BigInt64Array.of(0n));
    this.#tapOutput("Squeeze", [scores, axis], tap.scores(layer), shape);
    const weights = this.graph.node("Softmax", [this.graph.node("Add", [scores, "mask"])], { axis: -1 });
    this.#tapOutput("Squeeze", [weights, axis], tap.attentionWeights(layer), shape);
  }

  /** Each block's output for the last token, passed through the final norm and the head. */
  #tapLens(blocks: readonly string[]): void {
    if (!this.taps) return;
    const graph = this.graph;
    // Slices, unlike Gather, also take the last row of none: what the last block yields when no logits are wanted.
    const start = graph.constant("last_row", "int64", [1], BigInt64Array.of(-1n));
    const end = graph.constant("all_rows", "int64", [1], BigInt64Array.of(2n ** 62n));
    const rowAxis = graph.constant("row_axis", "int64", [1], BigInt64Array.of(1n));
    const rows = blocks.map((block) => graph.node("Slice", [block, start, end, rowAxis]));
    const logits = this.#head(this.layerNorm(graph.node("Concat", rows, { axis: 1 }), "ln_f"));
    const axis = graph.constant("first_axis", "int64", [1], BigInt64Array.of(0n));
    this.#tapOutput("Squeeze", [logits, axis], tap.lens, [blocks.length, this.config.vocabSize]);
  }

  #tapOutput(operator: string, inputs: readonly string[], name: string, shape: readonly (number | string)[]): void {
    this.graph.nodes(operator, inputs, {}, [name]);
    this.graph.declareOutput(name, shape);
    this.#taps.push(name);
  }
}
