import { type Gpt2Config, headWidth } from "../config/config";
import { defaultCacheBudget } from "../kvCache/cachePool";
import { cacheBytes } from "../kvCache/heapStorage";
import { capacityFor } from "../kvCache/storage";
import type { Precision } from "../languageModel";
import { preparedBytes } from "../weights/weightList";

/** Bytes that 32-bit addresses of WebAssembly reach: the most that a heap can have. */
export const largestHeap = 2 ** 32;
/** Of it, for the buffers of a step and the runtime itself, on the safe side. */
const stepBytes = 768 << 20;

/** Bytes of a heap for the weights and caches of a model, or a part of one. */
export function neededHeap(config: Gpt2Config, precision: Precision, cacheBudgetBytes = defaultBudget(config)): number {
  return preparedBytes(config, precision) + cacheBudgetBytes;
}

/** Whether so many bytes of weights and caches fit one heap of WebAssembly. */
export function fitsHeap(bytes: number): boolean {
  return bytes + stepBytes <= largestHeap;
}

/** As if keys and values were in 32 bits, which is the most that a backend takes. */
function defaultBudget(config: Gpt2Config): number {
  const { layers, kvHeads, contextLength } = config;
  const shape = { layers, width: kvHeads * headWidth(config), contextLength };
  return defaultCacheBudget(cacheBytes(shape, capacityFor(shape, contextLength)));
}
