import { hasHead } from "../../config/part";
import type { ModelPart, PartStep, TappedPart } from "../../split/modelPart";
import { heapBuffer, heapStorage, withCaches } from "../heapCaches";
import { KernelAdapters } from "./adapters";
import { int8Layout, readInt8 } from "./int8Cache";
import { type KernelRunner, type KernelStep, rowsTogether } from "./runner";
import { runTapped } from "./taps";

/** A part of a model on the kernels. */
export function kernelPart(runner: KernelRunner): ModelPart {
  return tappedKernelPart(runner);
}

/** As {@link kernelPart}, with the tensors inside it. */
export function tappedKernelPart(runner: KernelRunner): TappedPart {
  const { config, info, embeddings, heap } = runner;
  const adapters = new KernelAdapters(heap, config, runner.plan, runner.largestStep);
  const isLast = hasHead(config);
  const stepOf = ({ x, rows, buffer, past, branches, adapter }: PartStep, logitRows: number): KernelStep => ({
    ...{ rows, past, logitRows, logits: logitRows > 0 ? runner.logitsFor(logitRows) : 0 },
    writeRows: (residual) => {
      adapters.select(adapter);
      residual.set(x);
    },
    buffer: heapBuffer(buffer),
    branches: branches?.map(({ tail, length }) => ({ tail: heapBuffer(tail), length })),
  });
  const logitsOf = ({ logits, logitRows }: KernelStep) => heap.floats(logits, logitRows * config.vocabSize);
  return {
    ...{
      config,
      info,
      embeddings,
      storage: heapStorage(heap, config, int8Layout(config)),
      maxRows: rowsTogether,
      canBranch: true,
    },
    get heapBytes() {
      return heap.bytes.length;
    },
    addAdapter: (name, adapter) => adapters.add(name, adapter),
    removeAdapter: (name) => adapters.remove(name),
    run: (step) => {
      const described = stepOf(step, isLast ? step.logitRows : 0);
      runner.run(described);
      if (!isLast) return Promise.resolve(runner.residual(step.rows));
      return Promise.resolve(logitsOf(described));
    },
    runTapped: (step, taps) => {
      const described = stepOf(step, isLast ? step.rows : 0);
      runner.describe(described);
      const tensors = runTapped(runner, described.buffer, new Set(taps));
      const { rows, buffer, past } = described;
      const after = { config, readCache: readInt8(heap, config), rows, buffer, length: past + rows };
      return Promise.resolve(withCaches(tensors, taps, { ...after, ...(isLast && { logits: logitsOf(described) }) }));
    },
    [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
  };
}
