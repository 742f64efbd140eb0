import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { installOnce } from "../../harness/cacheFolder";
import { gpt2Small } from "../../fixtures/syntheticModel";
import type { BenchEngine } from "../engine";
import { type BenchModel, openBenchWeights } from "../models";
import { cacheElements, matrixElements } from "../ours";
import { ConcatEngine, pastFrom } from "./concatEngine";
import { concatModel } from "./concatGraph";
import { importFrom, installPackages } from "./install";

const packageName = "@huggingface/transformers";
const version = "4.3.1";

/** What we use of transformers.js. */
interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly Tensor: new (type: "int64", data: BigInt64Array, dims: readonly number[]) => unknown;
  readonly AutoModelForCausalLM: {
    from_pretrained(folder: string, options: Readonly<Record<string, unknown>>): Promise<CausalModel>;
  };
}
interface CausalModel {
  (inputs: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
  generate(options: Readonly<Record<string, unknown>>): Promise<unknown>;
  dispose(): Promise<unknown>;
}

/** transformers.js on native ONNX Runtime, in f32, the fastest that it has for GPT-2 in Node. */
export async function openTransformersJs(model: BenchModel, threads: number): Promise<BenchEngine> {
  const installed = await installPackages([`${packageName}@${version}`]);
  const folder = await exportModel(model);
  const transformers = (await importFrom(installed, packageName, "dist/transformers.node.mjs")) as Transformers;
  transformers.env.allowRemoteModels = false;
  const began = performance.now();
  const causal = await transformers.AutoModelForCausalLM.from_pretrained(folder, {
    dtype: "fp32",
    device: "cpu",
    local_files_only: true,
    session_options: { intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: "sequential" },
  });
  const ints = (values: readonly number[]) =>
    new transformers.Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
  return new ConcatEngine<object>({
    name: "transformers.js f32",
    threads,
    traffic: { weights: 4 * matrixElements(gpt2Small), cachePerToken: 4 * cacheElements(gpt2Small) },
    loadMs: performance.now() - began,
    step: async (tokens, past, done) => {
      const attention_mask = ints(new Array<number>(done + tokens.length).fill(1));
      const outputs = await causal({
        input_ids: ints(tokens),
        attention_mask,
        position_ids: ints(tokens.map((_, i) => done + i)),
        past_key_values: past ?? null,
      });
      return pastFrom(outputs);
    },
    startOver: async (tokens) => {
      const attention_mask = ints(tokens.map(() => 1));
      await causal.generate({ inputs: ints(tokens), attention_mask, max_new_tokens: 1, do_sample: false });
    },
    dispose: async () => {
      await causal.dispose();
    },
  });
}

/** The folder of the model as it would come from the Hub: a config, and the ONNX file with its data beside it. */
function exportModel(model: BenchModel): Promise<string> {
  return installOnce("bench-gpt2-124m-onnx-1", async (folder) => {
    console.log("Exporting GPT-2 124M to ONNX …");
    await using weights = await openBenchWeights(model);
    const { model: onnx, data } = await concatModel(weights, "f32");
    await mkdir(path.join(folder, "onnx"));
    await writeFile(path.join(folder, "onnx", "model.onnx"), onnx);
    for (const [name, bytes] of data) await writeFile(path.join(folder, "onnx", name), bytes);
    const { vocabSize, contextLength, width, layers, heads } = weights.config;
    const config = {
      model_type: "gpt2",
      architectures: ["GPT2LMHeadModel"],
      vocab_size: vocabSize,
      n_positions: contextLength,
      n_ctx: contextLength,
      n_embd: width,
      n_layer: layers,
      n_head: heads,
      bos_token_id: 50256,
      eos_token_id: 50256,
    };
    await writeFile(path.join(folder, "config.json"), JSON.stringify(config));
    await writeFile(path.join(folder, "generation_config.json"), JSON.stringify({ eos_token_id: 50256 }));
  });
}
