import type { Heap } from "./heap";

/** The records of `assembly/plan.ts`: the names of their 32-bit fields, in order. */
export const matrixFields = [
  "weights",
  "scales",
  "bias",
  "outputs",
  "inputs",
  "paddedInputs",
  "rank",
  "down",
  "up",
] as const;

export const layerFields = [
  "attentionGain",
  "attentionNormBias",
  "qkv",
  "attentionOutput",
  "feedForwardGain",
  "feedForwardNormBias",
  "expand",
  "contract",
  "scoreScale",
] as const;

export const branchFields = ["cache", "cacheCapacity", "length"] as const;

export const schedulerFields = [
  "nextPiece",
  "stage",
  "done",
  "sleepers",
  "firstStage",
  "endStage",
  "started",
  "stopped",
] as const;

export const planFields = [
  "width",
  "heads",
  "kvHeads",
  "headWidth",
  "paddedHeadWidth",
  "innerWidth",
  "activation",
  "epsilon",
  "layerCount",
  "layers",
  "finalGain",
  "finalNormBias",
  "head",
  "threads",
  "scheduler",
  "signedInputs",
  "x",
  "normalized",
  "quantized",
  "blockScales",
  "query",
  "keys",
  "values",
  "keyMatrices",
  "attended",
  "hidden",
  "scores",
  "scoreBytes",
  "scoreCapacity",
  "tiles",
  "tileBytes",
  "logits",
  "rows",
  "past",
  "cache",
  "cacheCapacity",
  "firstSublayer",
  "endSublayer",
  "logitRows",
  "branches",
  "tappedScores",
  "projected",
] as const;

/** Fields that hold a float; all others hold an integer or an address. */
export const floatFields: ReadonlySet<string> = new Set(["scoreScale", "epsilon"]);

/** A record in the heap, initially zero. */
export class HeapRecord<Field extends string> {
  readonly #heap: Heap;
  readonly #fields: readonly Field[];
  readonly address: number;

  constructor(heap: Heap, fields: readonly Field[], values: Partial<Readonly<Record<Field, number>>> = {}) {
    this.#heap = heap;
    this.#fields = fields;
    this.address = heap.allocate(4 * fields.length);
    heap.words(this.address, fields.length).fill(0);
    this.set(values);
  }

  set(values: Partial<Readonly<Record<Field, number>>>): void {
    const words = this.#heap.words(this.address, this.#fields.length);
    const floats = this.#heap.floats(this.address, this.#fields.length);
    this.#fields.forEach((field, index) => {
      const value = values[field];
      if (value === undefined) return;
      if (floatFields.has(field)) floats[index] = value;
      else words[index] = value;
    });
  }

  get(field: Field): number {
    return this.#heap.words(this.address, this.#fields.length)[this.#fields.indexOf(field)] ?? 0;
  }
}
