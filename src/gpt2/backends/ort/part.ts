import { hasHead } from "../../config/part";
import type { PartStep, TappedPart } from "../../split/modelPart";
import { heapBuffer, heapStorage, readFloats, withCaches } from "../heapCaches";
import { atLeastOneRow, isGraphOutput } from "./model";
import type { OrtRunner, OrtStep } from "./runner";

/** A part of a model on ONNX Runtime. @param runner was opened with taps, if those are wanted */
export function ortPart(runner: OrtRunner): TappedPart {
  const { config, info, embeddings, runtime, output } = runner;
  const isLast = hasHead(config);
  const stepOf = ({ x, rows, buffer, past }: PartStep, logitRows: number): OrtStep => ({
    ...{ rows, past, logitRows, buffer: heapBuffer(buffer) },
    writeRows: (residual) => residual.set(x),
  });
  return {
    ...{ config, info, embeddings, storage: heapStorage(runtime, config), maxRows: Infinity, canBranch: false },
    get heapBytes() {
      return runtime.heapBytes;
    },
    async run(step) {
      await runner.run(stepOf(step, atLeastOneRow(info, step.logitRows)));
      return output.floats(isLast ? step.logitRows * config.vocabSize : step.rows * config.width);
    },
    async runTapped(step, taps) {
      const described = stepOf(step, step.rows);
      const tensors = await runner.run({ ...described, taps: taps.filter(isGraphOutput) });
      const { rows, buffer, past } = described;
      const after = { config, readCache: readFloats(runtime, config), rows, buffer, length: past + rows };
      return withCaches(tensors, taps, { ...after, ...(isLast && { logits: output.floats(rows * config.vocabSize) }) });
    },
    [Symbol.asyncDispose]: () => {
      runner[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}
