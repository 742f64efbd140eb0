import type { Attribute, OnnxConstant, OnnxGraph, OnnxNode, OnnxValue } from "./onnx";

/** Collects the nodes of a graph; values are known by their names. */
export class GraphBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #constants = new Map<string, OnnxConstant>();
  readonly #inputs: OnnxValue[] = [];
  readonly #outputs: OnnxValue[] = [];

  input(name: string, type: OnnxValue["type"], shape: OnnxValue["shape"]): string {
    this.#inputs.push({ name, type, shape });
    return name;
  }

  /** A constant whose data come from outside the model. */
  external(name: string, type: OnnxConstant["type"], shape: readonly number[]): string {
    this.#constants.set(name, { name, type, shape });
    return name;
  }

  /** A small constant inside the model. */
  constant(name: string, type: OnnxConstant["type"], shape: readonly number[], data: ArrayBufferView): string {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#constants.set(name, { name, type, shape, bytes });
    return name;
  }

  /** Adds an operator of ONNX with one output. */
  node(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.#add("", operator, inputs, attributes, [this.#fresh(operator)]);
  }

  /** Adds an operator of ONNX with several outputs; an empty name leaves one out. */
  nodes(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    outputs: readonly string[],
  ): void {
    this.#add("", operator, inputs, attributes, outputs);
  }

  /** Adds an operator of ONNX Runtime's own. */
  microsoft(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    outputs: readonly string[] = [this.#fresh(operator)],
  ): string {
    return this.#add("com.microsoft", operator, inputs, attributes, outputs);
  }

  /** Makes a value an output of the graph under its own name. */
  declareOutput(name: string, shape: OnnxValue["shape"], type: OnnxValue["type"] = "float32"): void {
    this.#outputs.push({ name, type, shape });
  }

  build(): OnnxGraph {
    return {
      nodes: this.#nodes,
      constants: [...this.#constants.values()],
      inputs: this.#inputs,
      outputs: this.#outputs,
    };
  }

  #fresh(operator: string): string {
    return `${operator}_${this.#nodes.length}`;
  }

  #add(
    domain: string,
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    outputs: readonly string[],
  ): string {
    this.#nodes.push({ operator, domain, inputs, outputs, attributes });
    return outputs[0] ?? "";
  }
}
