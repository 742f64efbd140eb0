import { hasHead } from "../../config/part";
import type { ModelPart, PartBuffer } from "../../split/modelPart";
import { GpuKvBuffer } from "./gpuKvBuffer";
import { LogitsReader } from "./logitsReader";
import { type GpuModelParts, gpuStorage } from "./model";

/** A part of a model on WebGPU. The residual stream, or the logits, are read back after each step. */
export function gpuPart({ runtime, session, info, config }: GpuModelParts): ModelPart {
  const isLast = hasHead(config);
  const reader = new LogitsReader(runtime, session.format, isLast ? config.vocabSize : config.width);
  return {
    ...{ config, info, embeddings: session.embeddings, storage: gpuStorage({ runtime, session, config }) },
    ...{ maxRows: Infinity, canBranch: false, heapBytes: info.weightBytes },
    async run({ x, rows, buffer, past, logitRows }) {
      // At least one row: a tensor of none has no buffer.
      const count = isLast ? Math.max(1, logitRows) : rows;
      await reader.begin([count]);
      await session.run({ x, past, buffer: gpuBuffer(buffer), logitRows: count, output: reader.tensor(count) });
      reader.collect(count);
      const read = await reader.read();
      return isLast ? read.subarray(0, logitRows * config.vocabSize) : read;
    },
    async [Symbol.asyncDispose]() {
      reader[Symbol.dispose]();
      await session[Symbol.asyncDispose]();
    },
  };
}

/** @throws TypeError for the buffer of another backend */
function gpuBuffer(buffer: PartBuffer): GpuKvBuffer {
  if (buffer instanceof GpuKvBuffer) return buffer;
  throw new TypeError("The buffer is not on a GPU.");
}
