/** Counts and times decode steps of the bundled model on WebGPU in Node: `gpuProcess.js PRECISION STEPS`. Started by `gpu.ts`. */
import path from "node:path";
import { argmax } from "../../src/generation/sampling/largest";
import { webGpuBackend } from "../../src/gpt2/backends/webgpu/backend";
import { nodeGpu, nodeGpuLoader } from "../../src/gpt2/backends/webgpu/nodeGpuLoader";
import type { LanguageModel, LikeliestOptions, Precision } from "../../src/gpt2/languageModel";
import { GpuCounter } from "../fixtures/gpuCounter";
import { bundledModel, openBenchWeights } from "./models";

/** Per token. */
export interface GpuStepFigures {
  readonly name: string;
  readonly dispatches: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Median milliseconds. */
  readonly ms: number;
}

type NextToken = (tokens: readonly number[]) => Promise<number>;

/** Decodes greedily. @param steps that count, after some that do not */
async function measure(name: string, next: NextToken, first: number, steps: number): Promise<GpuStepFigures> {
  let token = first;
  for (let i = 0; i < 4; i++) token = await next([token]);
  using counter = new GpuCounter();
  const times: number[] = [];
  for (let i = 0; i < steps; i++) {
    const began = performance.now();
    token = await next([token]);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const { dispatches, mappedBytes, writtenBytes } = counter;
  const counts = { dispatches, bytesRead: mappedBytes, bytesWritten: writtenBytes };
  const perToken = Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, count / steps]));
  return { name, ms: times[Math.floor(steps / 2)] ?? NaN, ...(perToken as typeof counts) };
}

async function measureAll(model: LanguageModel, steps: number): Promise<readonly GpuStepFigures[]> {
  const prompt = Array.from({ length: 32 }, (_, i) => (i * 7919 + 5) % 500);
  using slot = await model.acquire(prompt);
  const likeliest =
    (options: LikeliestOptions): NextToken =>
    async (tokens) =>
      (await model.forwardLikeliest?.(slot, tokens, options))?.[0]?.[0]?.token ?? NaN;
  const ways: readonly (readonly [string, NextToken])[] = [
    ["all logits", async (tokens) => argmax(await model.forward(slot, tokens))],
    ["the likeliest token", likeliest({})],
    ["the likeliest token, 2 steps ahead", likeliest({ ahead: 2 })],
    ["the 40 likeliest tokens", likeliest({ count: 40 })],
  ];
  const figures: GpuStepFigures[] = [];
  for (const [name, next] of ways) {
    model.rewind(slot, 0);
    const first = argmax(await model.forward(slot, prompt));
    figures.push(await measure(`${model.info.precision}: ${name}`, next, first, steps));
  }
  return figures;
}

async function main(precision: Precision, steps: number): Promise<void> {
  const backend = webGpuBackend(nodeGpuLoader(path.resolve("node_modules/onnxruntime-web/dist")), nodeGpu);
  await using weights = await openBenchWeights(bundledModel);
  await using model = await backend.open(weights, { precision, threads: 0 });
  console.log(JSON.stringify(await measureAll(model, steps)));
}

main(process.argv[2] as Precision, Number(process.argv[3])).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
