import { GraphBuilder } from "../../src/gpt2/backends/ort/graphBuilder";
import { constantBytes, elementBytes, encodeModel, type OnnxGraph } from "../../src/gpt2/backends/ort/onnx";
import { OrtRuntime } from "../../src/gpt2/backends/ort/ortRuntime";
import { OrtSession } from "../../src/gpt2/backends/ort/ortSession";
import { percentile } from "../eval/metrics";
import { testLoader } from "../fixtures/runtime";
import { printTable } from "./table";

/** The feed-forward matrices of GPT-2 124M: half of what a decode step reads besides the head. */
const [width, innerWidth, layers] = [768, 3072, 12];
const block = 32;

/** Multiplies `x [S, K]` with a matrix `[K, N]` that is stored in some way. */
type Product = (graph: GraphBuilder, x: string, name: string, inputs: number, outputs: number) => string;

const storages: Readonly<Record<string, Product>> = {
  f32: (graph, x, name, inputs, outputs) =>
    graph.node("MatMul", [x, graph.external(name, "float32", [inputs, outputs])]),
  // As an input: a constant would be widened when the model is loaded, and take as much memory as f32.
  "f16, widened in each step": (graph, x, name, inputs, outputs) => {
    const wide = graph.node("Cast", [graph.input(name, "float16", [inputs, outputs])], { to: 1 });
    return graph.node("MatMul", [x, wide]);
  },
  int8: (graph, x, name, inputs, outputs) => {
    const matrix = graph.external(name, "int8", [inputs, outputs]);
    return graph.microsoft("DynamicQuantizeMatMul", [x, matrix, graph.external(`${name}.s`, "float32", [outputs])]);
  },
  "4 bits, accuracy level 0": nBits(0),
  "4 bits, accuracy level 4": nBits(4),
};

function nBits(level: number): Product {
  return (graph, x, name, inputs, outputs) => {
    const matrix = graph.external(name, "uint8", [outputs, inputs / block, block / 2]);
    const scales = graph.external(`${name}.s`, "float32", [outputs, inputs / block]);
    const attributes = { K: inputs, N: outputs, bits: 4, block_size: block, accuracy_level: level };
    return graph.microsoft("MatMulNBits", [x, matrix, scales], attributes);
  };
}

/** What a way to store matrices costs on ONNX Runtime's WebAssembly backend. */
interface StorageCost {
  readonly storage: string;
  readonly threads: number;
  readonly weightMB: number;
  /** Megabytes of the heap after the first steps. */
  readonly heapMB: number;
  /** Milliseconds of a step of one row, and of 64. */
  readonly oneMs: number;
  readonly manyMs: number;
}

/** Products with the matrices of GPT-2 124M's feed-forward layers, stored in f32, f16, 8 and 4 bits. */
export async function benchStorage({ quick }: { readonly quick: boolean }): Promise<{ storage: StorageCost[] }> {
  const costs: StorageCost[] = [];
  for (const threads of [1, 2]) {
    for (const [storage, product] of Object.entries(storages)) {
      costs.push({ storage, threads, ...(await costOf(product, threads, quick ? 3 : 9)) });
    }
  }
  printTable(
    "56.6 million weights on ONNX Runtime's WebAssembly",
    ["", "weights MB", "heap MB", "1 row ms", "64 rows ms"],
    costs.map(({ storage, threads, weightMB, heapMB, oneMs, manyMs }) => [
      `${storage} T${threads}`,
      ...[weightMB, heapMB, oneMs, manyMs],
    ]),
  );
  return { storage: costs };
}

async function costOf(product: Product, threads: number, rounds: number) {
  const graph = graphOf(product);
  using runtime = await OrtRuntime.load(testLoader, threads);
  const data = new Map(graph.constants.map((constant) => [constant.name, new Uint8Array(constantBytes(constant))]));
  let weights = Array.from(data.values()).reduce((sum, { length }) => sum + length, 0);
  const names = graph.inputs.map(({ name }) => name);
  using session = await OrtSession.create(runtime, encodeModel(graph), data, names, ["y"]);
  const inputs = new Map<string, number>();
  for (const { name, type, shape } of graph.inputs.slice(1)) {
    const dims = shape.map(Number);
    const bytes = dims.reduce((size, dim) => size * dim, elementBytes[type]);
    weights += bytes;
    inputs.set(name, runtime.createTensor(type, zeros(runtime, bytes), bytes, dims));
  }
  const time = async (rows: number) => {
    const bytes = 4 * rows * width;
    const x = runtime.createTensor("float32", zeros(runtime, bytes), bytes, [rows, width]);
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const began = performance.now();
      const [y = 0] = await session.run(new Map([["x", x], ...inputs]), new Map([["y", 0]]));
      times.push(performance.now() - began);
      runtime.releaseTensor(y);
    }
    return percentile(times.slice(1), 0.5);
  };
  const [oneMs, manyMs] = [await time(1), await time(64)];
  return { weightMB: weights / 2 ** 20, heapMB: runtime.heapBytes / 2 ** 20, oneMs, manyMs };
}

function graphOf(product: Product): OnnxGraph {
  const graph = new GraphBuilder();
  let x = graph.input("x", "float32", ["S", width]);
  for (let layer = 0; layer < layers; layer++) {
    x = product(graph, product(graph, x, `h.${layer}.fc`, width, innerWidth), `h.${layer}.proj`, innerWidth, width);
  }
  graph.nodes("Identity", [x], {}, ["y"]);
  graph.declareOutput("y", ["S", width]);
  return graph.build();
}

function zeros(runtime: OrtRuntime, bytes: number): number {
  const address = runtime.allocate(bytes);
  runtime.bytes.fill(0, address, address + bytes);
  return address;
}
