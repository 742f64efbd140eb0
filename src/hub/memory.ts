import type { Gpt2Config } from "../gpt2/config/config";
import type { Precision } from "../gpt2/languageModel";
import { neededHeap } from "../gpt2/split/heapLimit";
import { preparedBytes } from "../gpt2/weights/weightList";
import { elementCount, tensorShapes } from "../gpt2/weights/tensorShapes";

/** The operating system and the editor want some of the machine's memory. */
const usableShare = 0.75;

/** What a model needs to run. */
export interface MemoryEstimate {
  /** Weights and KV cache, in one WebAssembly heap or, of a large model, in several. */
  readonly heapBytes: number;
  /** At the peak, while the model is loaded: the weights are there twice. */
  readonly peakBytes: number;
}

/** Whether a model can run: it can, only without other programs (`tight`), or not on this machine. */
export type Fit = "fits" | "tight" | "exceedsMachine";

/** Numbers in a model's weights. */
export function parameterCount(config: Gpt2Config): number {
  let sum = 0;
  for (const shape of tensorShapes(config).values()) sum += elementCount(shape);
  return sum;
}

/** Estimates the memory that a model takes in a precision. */
export function estimateMemory(config: Gpt2Config, precision: Precision): MemoryEstimate {
  const heapBytes = neededHeap(config, precision);
  return { heapBytes, peakBytes: heapBytes + preparedBytes(config, precision) };
}

/** @param machineBytes memory of the machine; undefined where that is unknown */
export function fitOf({ heapBytes, peakBytes }: MemoryEstimate, machineBytes: number | undefined): Fit {
  if (machineBytes === undefined || peakBytes <= machineBytes * usableShare) return "fits";
  return heapBytes <= machineBytes * usableShare ? "tight" : "exceedsMachine";
}
