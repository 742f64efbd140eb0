import { type Gpt2Config, headWidth } from "../config/config";
import { floatStream, HeapKvBuffer, type HeapLayout, HeapKvStorage, type Memory } from "../kvCache/heapStorage";
import type { PartBuffer } from "../split/modelPart";
import { type CheckpointTensors, pickTensors, tap, type Tensor } from "../taps";

/** Keys and values of a model, or a part of one, in a heap. @param layout 32-bit floats unless given */
export function heapStorage(memory: Memory, config: Gpt2Config, layout?: HeapLayout): HeapKvStorage {
  const { layers, kvHeads, contextLength } = config;
  return new HeapKvStorage(memory, { layers, width: kvHeads * headWidth(config), contextLength }, layout);
}

/** Copies a layer's keys, or values, of the first `length` positions, `[length, kvHeads, hd]`. */
export type ReadCache = (buffer: HeapKvBuffer, layer: number, kind: "key" | "value", length: number) => Float32Array;

interface FloatHeap {
  floats(address: number, count: number): Float32Array;
}

/** Reads caches of 32-bit floats. */
export function readFloats(heap: FloatHeap, config: Gpt2Config): ReadCache {
  return (buffer, layer, kind, length) => {
    const count = length * config.kvHeads * headWidth(config);
    return heap.floats(buffer.address(floatStream(layer, kind)), count).slice();
  };
}

/** What a step left in a heap. */
export interface StepInHeap {
  readonly config: Gpt2Config;
  readonly readCache: ReadCache;
  /** S. */
  readonly rows: number;
  readonly buffer: HeapKvBuffer;
  /** Positions of the buffer after the step. */
  readonly length: number;
  /** `[S, V]`, which is copied; undefined where the head is in another part. */
  readonly logits?: Float32Array;
}

/** The tensors inside a step, with copies of its logits and of the keys and values after it: those that are named in `taps`. */
export function withCaches(
  inside: CheckpointTensors,
  taps: readonly string[],
  { config, readCache, rows, buffer, length, logits }: StepInHeap,
): CheckpointTensors {
  const tensors = new Map(inside);
  if (logits) tensors.set(tap.logits, { shape: [rows, config.vocabSize], data: logits.slice() });
  const shape = [length, config.kvHeads, headWidth(config)];
  const read = (layer: number, kind: "key" | "value"): Tensor => {
    return { shape, data: readCache(buffer, layer, kind, length) };
  };
  for (let layer = 0; layer < config.layers; layer++) {
    tensors.set(tap.cachedKeys(layer), read(layer, "key"));
    tensors.set(tap.cachedValues(layer), read(layer, "value"));
  }
  return pickTensors(tensors, taps);
}

/** The buffer of a part whose heap is ours. @throws TypeError for one of another backend */
export function heapBuffer(buffer: PartBuffer): HeapKvBuffer {
  if (buffer instanceof HeapKvBuffer) return buffer;
  throw new TypeError("The buffer is not in a heap.");
}
