import path from "node:path";
import { pathToFileURL } from "node:url";
import type * as Ort from "onnxruntime-web";
import type { Gpt2Config } from "../../../src/gpt2/config/config";
import { headWidth } from "../../../src/gpt2/config/config";
import type { BenchEngine } from "../engine";
import { type BenchModel, openBenchWeights } from "../models";
import { cacheElements, matrixElements } from "../ours";
import { ConcatEngine, pastFrom } from "./concatEngine";
import { concatModel } from "./concatGraph";

/** onnxruntime-web through its public API: the cache goes into each run and comes out of it. */
export async function openOrtWeb(model: BenchModel, threads: number): Promise<BenchEngine> {
  await using weights = await openBenchWeights(model);
  const { config } = weights;
  const began = performance.now();
  const file = path.resolve("node_modules/onnxruntime-web/dist/ort.node.min.mjs");
  const ort = (await import(pathToFileURL(file).href)) as typeof Ort;
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "error";
  const graph = await concatModel(weights, "int8");
  const session = await ort.InferenceSession.create(graph.model, {
    executionProviders: ["wasm"],
    externalData: Array.from(graph.data, ([name, data]) => ({ path: name, data })),
  });
  return new ConcatEngine<Past>({
    name: "ort-web concat int8",
    threads,
    traffic: { weights: matrixElements(config), cachePerToken: 4 * cacheElements(config) },
    loadMs: performance.now() - began,
    step: async (tokens, past, done) => {
      const feeds = { ...stepInputs(ort, tokens, done), ...(past ?? emptyPast(ort, config)) };
      return pastFrom(await session.run(feeds));
    },
    dispose: () => session.release(),
  });
}

type Past = Readonly<Record<string, Ort.Tensor>>;

function emptyPast(ort: typeof Ort, config: Gpt2Config): Past {
  const past: Record<string, Ort.Tensor> = {};
  for (let layer = 0; layer < config.layers; layer++) {
    for (const kind of ["key", "value"]) {
      const shape = [1, config.heads, 0, headWidth(config)];
      past[`past_key_values.${layer}.${kind}`] = new ort.Tensor("float32", new Float32Array(0), shape);
    }
  }
  return past;
}

function stepInputs(ort: typeof Ort, tokens: readonly number[], done: number): Record<string, Ort.Tensor> {
  const ints = (count: number, value: (i: number) => number) =>
    new ort.Tensor(
      "int64",
      BigInt64Array.from({ length: count }, (_, i) => BigInt(value(i))),
      [1, count],
    );
  return {
    input_ids: ints(tokens.length, (i) => tokens[i] ?? 0),
    attention_mask: ints(done + tokens.length, () => 1),
    position_ids: ints(tokens.length, (i) => done + i),
  };
}
