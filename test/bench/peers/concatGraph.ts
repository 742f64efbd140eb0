import { attentionScale, type Gpt2Config, headWidth } from "../../../src/gpt2/config/config";
import { GraphBuilder } from "../../../src/gpt2/backends/ort/graphBuilder";
import type { Precision } from "../../../src/gpt2/languageModel";
import { encodeModel, type OnnxGraph } from "../../../src/gpt2/backends/ort/onnx";
import { prepareWeights } from "../../../src/gpt2/weights/preparedWeights";
import { qkvWidth } from "../../../src/gpt2/weights/tensorShapes";
import { headWeight, type PreparedWeight, scalesOf } from "../../../src/gpt2/weights/weightList";
import type { Gpt2Weights } from "../../../src/gpt2/weights/weights";

/** An ONNX model and its external data by name. */
export interface ConcatModel {
  readonly model: Uint8Array;
  readonly data: ReadonlyMap<string, Uint8Array>;
}

/**
 * A GPT-2 as exporters write it and transformers.js runs it: `input_ids`, `attention_mask`, `position_ids`, and per layer
 * `past_key_values.N.key/value [1, H, P, hd]`, which the graph concatenates with the step's own to `present.N.key/value`. Only the last
 * token has logits, `[1, 1, V]`. In int8 the products are `DynamicQuantizeMatMul`, as quantization tools make them.
 */
export async function concatModel(weights: Gpt2Weights, precision: Precision): Promise<ConcatModel> {
  const { graph, list } = new ConcatGraph(weights.config, precision).build();
  const names = new Set(graph.constants.map(({ name }) => name));
  const prepared = await prepareWeights(weights, precision, list);
  const data = new Map(Array.from(prepared).filter(([name]) => names.has(name)));
  return { model: encodeModel(graph), data };
}

class ConcatGraph {
  readonly #graph = new GraphBuilder();
  readonly #weights: PreparedWeight[] = [];

  constructor(
    private readonly config: Gpt2Config,
    private readonly precision: Precision,
  ) {}

  build(): { readonly graph: OnnxGraph; readonly list: readonly PreparedWeight[] } {
    const graph = this.#graph;
    const { layers, width, vocabSize, contextLength } = this.config;
    graph.input("input_ids", "int64", [1, "S"]);
    graph.input("attention_mask", "int64", [1, "T"]);
    graph.input("position_ids", "int64", [1, "S"]);
    graph.declareOutput("logits", [1, 1, vocabSize]);
    const tokens = graph.node("Gather", [this.#plain("wte.weight", [vocabSize, width]), "input_ids"], { axis: 0 });
    const places = graph.node("Gather", [this.#plain("wpe.weight", [contextLength, width]), "position_ids"], {
      axis: 0,
    });
    let x = graph.node("Add", [tokens, places]);
    const mask = this.#mask();
    for (let layer = 0; layer < layers; layer++) {
      const attention = this.#attention(this.#norm(x, `h.${layer}.ln_1`), layer, mask);
      x = graph.node("Add", [x, this.#linear(attention, `h.${layer}.attn.c_proj`, width, width)]);
      x = graph.node("Add", [x, this.#feedForward(this.#norm(x, `h.${layer}.ln_2`), layer)]);
    }
    const last = this.#ints("last", [-1]);
    const end = this.#ints("end", [2 ** 31]);
    x = graph.node("Slice", [x, last, end, this.#ints("row_axis", [1])]);
    const head = { tensor: "wte.weight", name: headWeight, shape: [width, vocabSize], transposed: true };
    graph.nodes("Identity", [this.#product(this.#norm(x, "ln_f"), head)], {}, ["logits"]);
    return { graph: graph.build(), list: this.#weights };
  }

  /** What is added to the scores `[S, T]`: a token looks at those up to its own position. */
  #mask(): string {
    const graph = this.#graph;
    const total = graph.node("Squeeze", [graph.node("Shape", ["attention_mask"], { start: 1 })]);
    const scalar = (name: string, value: number) => graph.constant(name, "int64", [], BigInt64Array.of(BigInt(value)));
    const columns = graph.node("Range", [scalar("zero", 0), total, scalar("one", 1)]);
    const rows = graph.node("Reshape", ["position_ids", this.#ints("column", [-1, 1])]);
    const visible = graph.node("LessOrEqual", [columns, rows]);
    const float = (name: string, value: number) => graph.constant(name, "float32", [], Float32Array.of(value));
    return graph.node("Where", [visible, float("seen", 0), float("masked", -1e30)]);
  }

  #attention(x: string, layer: number, mask: string): string {
    const graph = this.#graph;
    const { config } = this;
    const { width, heads } = config;
    const hd = headWidth(config);
    const qkv = this.#linear(x, `h.${layer}.attn.c_attn`, width, qkvWidth(config));
    const parts = ["query", "key", "value"].map((name) => `${name}_${layer}`);
    graph.nodes("Split", [qkv], { axis: -1, num_outputs: 3 }, parts);
    const [query = "", key = "", value = ""] = parts.map((part) =>
      graph.node("Transpose", [graph.node("Reshape", [part, this.#ints("heads", [1, -1, heads, hd])])], {
        perm: [0, 2, 1, 3],
      }),
    );
    const cached = (kind: "key" | "value", own: string) => {
      const past = `past_key_values.${layer}.${kind}`;
      const present = `present.${layer}.${kind}`;
      graph.input(past, "float32", [1, heads, "P", hd]);
      graph.nodes("Concat", [past, own], { axis: 2 }, [present]);
      graph.declareOutput(present, [1, heads, "T", hd]);
      return present;
    };
    const inputs = [query, cached("key", key), cached("value", value), mask];
    const attention = graph.node("Attention", inputs, { scale: { float: attentionScale(config, layer) } });
    const rows = graph.node("Transpose", [attention], { perm: [0, 2, 1, 3] });
    return graph.node("Reshape", [rows, this.#ints("joined", [1, -1, width])]);
  }

  #feedForward(x: string, layer: number): string {
    const { width, innerWidth } = this.config;
    const hidden = this.#linear(x, `h.${layer}.mlp.c_fc`, width, innerWidth);
    return this.#linear(this.#graph.microsoft("FastGelu", [hidden]), `h.${layer}.mlp.c_proj`, innerWidth, width);
  }

  #linear(x: string, name: string, inputs: number, outputs: number): string {
    const weight = { tensor: `${name}.weight`, name: `${name}.weight`, shape: [inputs, outputs], transposed: false };
    return this.#graph.node("Add", [this.#product(x, weight), this.#plain(`${name}.bias`, [outputs])]);
  }

  #product(x: string, weight: Omit<PreparedWeight, "quantized">): string {
    const graph = this.#graph;
    const quantized = this.precision === "int8";
    this.#weights.push({ ...weight, quantized });
    const matrix = graph.external(weight.name, quantized ? "int8" : "float32", weight.shape);
    if (!quantized) return graph.node("MatMul", [x, matrix]);
    const scales = graph.external(scalesOf(weight.name), "float32", [weight.shape[1] ?? 0]);
    return graph.microsoft("DynamicQuantizeMatMul", [x, matrix, scales]);
  }

  #norm(x: string, name: string): string {
    const shape = [this.config.width];
    const inputs = [x, this.#plain(`${name}.weight`, shape), this.#plain(`${name}.bias`, shape)];
    return this.#graph.node("LayerNormalization", inputs, {
      axis: -1,
      epsilon: { float: this.config.layerNormEpsilon },
    });
  }

  /** A tensor of the weights as it is. */
  #plain(tensor: string, shape: readonly number[]): string {
    this.#weights.push({ tensor, name: tensor, shape, quantized: false, transposed: false });
    return this.#graph.external(tensor, "float32", shape);
  }

  #ints(name: string, values: readonly number[]): string {
    return this.#graph.constant(name, "int64", [values.length], BigInt64Array.from(values, BigInt));
  }
}
