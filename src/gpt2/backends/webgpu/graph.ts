import { hasHead } from "../../config/part";
import { attentionScale, type Gpt2Config, headWidth } from "../../config/config";
import { tap } from "../../taps";
import { type BlockBits, quantizedBlock } from "../../weights/blockQuantize";
import { qkvWidth } from "../../weights/tensorShapes";
import { scalesOf } from "../../weights/weightList";
import type { OnnxGraph } from "../ort/onnx";
import { TransformerGraph } from "../ort/transformerGraph";
import type { GpuFormat } from "./gpuFormat";
import { headPartName, headParts } from "./headParts";

export interface GpuGraphOptions {
  readonly format: GpuFormat;
  /** The most bytes of a tensor that a shader may be given. */
  readonly largestTensor: number;
  /** Adds tensors inside the pass as outputs. */
  readonly taps: boolean;
}

/** What the packed product of queries, keys and values is called where it is an output; the taps are cut from it. */
export function qkvOutput(layer: number): string {
  return `qkv_${layer}`;
}

/**
 * The transformer from embeddings to logits, or a part of its layers, for ONNX Runtime's WebGPU provider: only operators that it has, so that nothing of a step
 * leaves the GPU.
 *
 * Inputs: `x [1, S, D]` (token and position embeddings, f32), `rows [R]` (tokens of the step whose logits are wanted), `last_key [1]` (past + S − 1)
 * and `total [1]` (past + S), and per layer `past_key_N`, `past_value_N [1, kvHeads, capacity, hd]`.
 * Outputs: `logits [1, R, V]`, or of a part without the head (which has no `rows`) the residual stream after its last layer,
 * `residual [1, S, D]`, and per layer `present_key_N`, `present_value_N`, which must be bound to the very buffers of the past: then
 * `GroupQueryAttention` appends in place.
 */
export function buildGpuGraph(config: Gpt2Config, options: GpuGraphOptions): OnnxGraph {
  return new GpuGraphBuilder(config, options).build();
}

class GpuGraphBuilder extends TransformerGraph {
  readonly #options: GpuGraphOptions;

  constructor(config: Gpt2Config, options: GpuGraphOptions) {
    super(config, options.taps);
    this.#options = options;
  }

  build(): OnnxGraph {
    const { width } = this.config;
    const graph = this.graph;
    graph.input("x", "float32", [1, "S", width]);
    if (hasHead(this.config)) graph.input("rows", "int64", ["R"]);
    graph.input("last_key", "int32", [1]);
    graph.input("total", "int32", [1]);

    const half = this.#options.format.float === "float16";
    const { normalized, residual, blocks } = this.layers(half ? graph.node("Cast", ["x"], { to: 10 }) : "x");
    if (normalized === undefined) {
      graph.nodes("Identity", [residual], {}, ["residual"]);
      this.#output("residual", [1, "S", width]);
      return graph.build();
    }
    this.#head(normalized, "logits");
    this.#output("logits", [1, "R", this.config.vocabSize]);
    if (this.taps) this.#lens(blocks);
    return graph.build();
  }

  protected override attention(normalized: string, layer: number): string {
    const { config, graph } = this;
    const { heads, kvHeads, width, contextLength } = config;
    const size = headWidth(config);
    const name = `h.${layer}.attn.c_attn`;
    const qkv = this.#linear(normalized, name, width, qkvWidth(config), qkvOutput(layer));
    if (this.taps) this.#output(qkv, [1, "S", qkvWidth(config)]);
    const cache = (kind: string) => `${kind}_${layer}`;
    const shape = [1, kvHeads, `capacity_${layer}`, size];
    for (const kind of ["past_key", "past_value"]) graph.input(cache(kind), this.#options.format.float, shape);
    // With an identity rotation, splitting and storing keys and values take one dispatch instead of two.
    const rotation =
      size % 8 === 0
        ? [this.#constant("cos", 1, contextLength, size / 2), this.#constant("sin", 0, contextLength, size / 2)]
        : [];
    graph.microsoft(
      "GroupQueryAttention",
      [qkv, "", "", cache("past_key"), cache("past_value"), "last_key", "total", ...rotation],
      {
        num_heads: heads,
        kv_num_heads: kvHeads,
        do_rotary: rotation.length > 0 ? 1 : 0,
        scale: { float: attentionScale(config, layer) },
      },
      [cache("attention"), cache("present_key"), cache("present_value")],
    );
    for (const kind of ["present_key", "present_value"]) this.#output(cache(kind), shape);
    return cache("attention");
  }

  protected override feedForward(normalized: string, layer: number): string {
    const { width, innerWidth, activation } = this.config;
    const name = `h.${layer}.mlp.c_fc`;
    const contract = (x: string) => this.product(x, `h.${layer}.mlp.c_proj`, innerWidth, width);
    if (activation === "relu") {
      return contract(this.graph.node("Relu", [this.#linear(normalized, name, width, innerWidth)]));
    }
    const operator = activation === "gelu_tanh" ? "FastGelu" : "BiasGelu";
    const hidden = this.product(normalized, name, width, innerWidth);
    return contract(this.graph.microsoft(operator, [hidden, this.vector(`${name}.bias`, innerWidth)]));
  }

  /** The logits of each row. A matrix that is too large for a shader is several. */
  #head(normalized: string, output: string): void {
    const { width } = this.config;
    const graph = this.graph;
    const { headBits, float } = this.#options.format;
    const parts = headParts(this.config, this.#options.format, this.#options.largestTensor);
    const products = parts.map(({ rows }, part) => {
      const name = headPartName(part);
      const product = parts.length === 1 ? output : `${output}.${part}`;
      if (headBits) return this.#blockProduct(normalized, name, width, rows, headBits, { output: product });
      graph.nodes("MatMul", [normalized, graph.external(name, float, [width, rows])], {}, [product]);
      return product;
    });
    if (products.length > 1) graph.nodes("Concat", products, { axis: -1 }, [output]);
  }

  /** x·W + b. */
  #linear(x: string, name: string, inputs: number, outputs: number, output?: string): string {
    const bias = this.vector(`${name}.bias`, outputs);
    const { bits } = this.#options.format;
    if (bits) return this.#blockProduct(x, `${name}.weight`, inputs, outputs, bits, { bias, output });
    const sum = output ?? `${name}.sum`;
    this.graph.nodes("Add", [this.product(x, name, inputs, outputs), bias], {}, [sum]);
    return sum;
  }

  protected override product(x: string, name: string, inputs: number, outputs: number): string {
    const { bits, float } = this.#options.format;
    const weight = `${name}.weight`;
    if (bits) return this.#blockProduct(x, weight, inputs, outputs, bits);
    return this.graph.node("MatMul", [x, this.graph.external(weight, float, [inputs, outputs])]);
  }

  #blockProduct(
    x: string,
    name: string,
    inputs: number,
    outputs: number,
    bits: BlockBits,
    { bias, output = `${name}.product` }: { bias?: string; output?: string | undefined } = {},
  ): string {
    const graph = this.graph;
    const blocks = inputs / quantizedBlock;
    const matrix = graph.external(name, "uint8", [outputs, blocks, 4 * bits]);
    const scales = graph.external(scalesOf(name), this.#options.format.float, [outputs, blocks]);
    const attributes = { K: inputs, N: outputs, bits, block_size: quantizedBlock, accuracy_level: 0 };
    const optional = bias === undefined ? [] : ["", "", bias];
    return graph.microsoft("MatMulNBits", [x, matrix, scales, ...optional], attributes, [output]);
  }

  protected override vector(tensor: string, length: number): string {
    return this.graph.external(tensor, this.#options.format.float, [length]);
  }

  /** A matrix of one number, inside the model. */
  #constant(name: string, value: 0 | 1, rows: number, columns: number): string {
    const half = this.#options.format.float === "float16";
    const data = half
      ? new Uint16Array(rows * columns).fill(value === 1 ? 0x3c00 : 0)
      : new Float32Array(rows * columns).fill(value);
    return this.graph.constant(name, this.#options.format.float, [rows, columns], data);
  }

  #shape(name: string, shape: readonly number[]): string {
    return this.graph.constant(name, "int64", [shape.length], BigInt64Array.from(shape.map(BigInt)));
  }

  #output(name: string, shape: readonly (number | string)[]): void {
    this.graph.declareOutput(name, shape, this.#options.format.float);
  }

  protected override tapRows(value: string, name: string): void {
    if (!this.taps) return;
    const { width } = this.config;
    this.graph.nodes("Reshape", [value, this.#shape("rows_shape", [-1, width])], {}, [name]);
    this.#output(name, ["S", width]);
  }

  /** Each block's output for the last token, passed through the final norm and the head. */
  #lens(blocks: readonly string[]): void {
    const graph = this.graph;
    const start = this.#shape("last_row", [-1]);
    const end = this.#shape("all_rows", [2 ** 31]);
    const axis = this.#shape("row_axis", [1]);
    const rows = blocks.map((block) => graph.node("Slice", [block, start, end, axis]));
    this.#head(this.layerNorm(graph.node("Concat", rows, { axis: 1 }), "ln_f"), tap.lens);
    this.#output(tap.lens, [1, blocks.length, this.config.vocabSize]);
  }
}
