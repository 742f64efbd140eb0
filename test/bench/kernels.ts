import { Worker } from "node:worker_threads";
import { Heap } from "../../src/gpt2/kernels/heap";
import { packedBytes } from "../../src/gpt2/kernels/packMatrix";
import { compileKernels, instantiateKernels } from "../../src/gpt2/kernels/module";
import { nodeThreads } from "../../src/gpt2/kernels/nodeThreads";
import type { CacheSlot, LanguageModel } from "../../src/gpt2/languageModel";
import type { OrtLoader } from "../../src/gpt2/ortModule";
import { openLanguageModel } from "../../src/gpt2/session";
import { tensorShapes } from "../../src/gpt2/tensorShapes";
import type { Gpt2Weights } from "../../src/gpt2/weights";

/** A step's time on ONNX Runtime and on the kernels: medians, in ms. */
export interface KernelRow {
  readonly step: string;
  readonly threads: number;
  readonly onnxRuntime: number;
  readonly kernels: number;
  /** Reading the packed weights once on as many threads, which no step can be faster than. */
  readonly reading: number;
}

/** Tokens that are cached, tokens of the step, and how often it is timed. */
const steps: readonly (readonly [past: number, tokens: number, times: number])[] = [
  [0, 256, 3],
  [0, 64, 5],
  [32, 1, 15],
  [256, 1, 15],
  [256, 2, 9],
  [256, 4, 9],
  [256, 8, 9],
  [900, 1, 15],
  [900, 2, 9],
  [900, 4, 9],
  [900, 8, 9],
];

/**
 * Times steps of an int8 model on ONNX Runtime and on the kernels by turns, in one process, so that both meet the same machine.
 */
export async function benchKernels(weights: Gpt2Weights, loader: OrtLoader, threads: number): Promise<KernelRow[]> {
  const options = { precision: "int8", threads, loader, kernelThreads: nodeThreads } as const;
  await using runtime = await openLanguageModel(weights, { ...options, kernels: false });
  await using kernels = await openLanguageModel(weights, options);
  const reading = await timeReading(packedWeightBytes(weights), threads);
  const text = Array.from({ length: 1000 }, (_, i) => (i * 7919 + 13) % weights.config.vocabSize);
  const subjects = [runtime, kernels].map((model) => ({ model, slot: model.acquire(text), times: [] as number[] }));
  const rows: KernelRow[] = [];
  for (const [past, tokens, times] of steps) {
    for (const { model, slot } of subjects) await fill(model, slot, text.slice(0, past));
    for (const subject of subjects) subject.times.length = 0;
    for (let i = 0; i <= times; i++) {
      for (const subject of subjects) {
        const { model, slot } = subject;
        model.rewind(slot, past);
        const started = performance.now();
        await model.forward(slot, text.slice(past, past + tokens), past === 0 ? 1 : tokens);
        // The first one warms up.
        if (i > 0) subject.times.push(performance.now() - started);
      }
    }
    const [onnxRuntime = NaN, own = NaN] = subjects.map((subject) => median(subject.times));
    const step = past === 0 ? `prefill ${tokens}` : tokens === 1 ? `decode at ${past}` : `${tokens} tokens at ${past}`;
    rows.push({ step, threads, onnxRuntime, kernels: own, reading });
  }
  return rows;
}

async function fill(model: LanguageModel, slot: CacheSlot, tokens: readonly number[]): Promise<void> {
  model.rewind(slot, tokens.length);
  await model.forward(slot, tokens.slice(slot.tokens.length), 0);
}

/** Bytes of the matrices that a step reads. */
function packedWeightBytes({ config }: Gpt2Weights): number {
  let bytes = packedBytes(config.width, config.vocabSize);
  for (const [name, [inputs = 0, outputs = 0]] of tensorShapes(config)) {
    if (name.startsWith("h.") && outputs > 0) bytes += packedBytes(inputs, outputs);
  }
  return bytes;
}

/** A thread that reads its share each time that the word at `signal` is increased, and increases the word behind it. */
const reader = `
const { workerData: { module, memory, signal, address, bytes } } = require("node:worker_threads");
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
const words = new Int32Array(memory.buffer, signal, 2);
for (let round = 0; ; round++) {
  while (Atomics.load(words, 0) === round);
  if (Atomics.load(words, 0) < 0) break;
  exports.read(address, bytes);
  Atomics.add(words, 1, 1);
}
`;

/** Milliseconds (median) that `threads` threads take to read `bytes` once. */
async function timeReading(bytes: number, threads: number): Promise<number> {
  const heap = new Heap();
  const share = Math.floor(bytes / threads / 64) * 64;
  const signal = heap.allocate(8);
  const address = heap.allocate(bytes);
  heap.bytes.fill(1, address, address + bytes);
  const words = heap.words(signal, 2).fill(0);
  const module = await compileKernels();
  const kernels = await instantiateKernels(module, heap.memory);
  const others = Array.from({ length: threads - 1 }, (_, i) => {
    const workerData = { module, memory: heap.memory, signal, address: address + (i + 1) * share, bytes: share };
    return new Worker(reader, { eval: true, workerData });
  });
  const times: number[] = [];
  for (let round = 1; round <= 21; round++) {
    const started = performance.now();
    Atomics.add(words, 0, 1);
    kernels.read(address, share);
    while (Atomics.load(words, 1) < round * others.length);
    times.push(performance.now() - started);
  }
  Atomics.store(words, 0, -1);
  await Promise.all(others.map((worker) => worker.terminate()));
  return median(times);
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] ?? NaN;
}
