import { attentionScale, type Gpt2Config, headWidth } from "../../config/config";
import { hasHead } from "../../config/part";
import type { PreparedWeights } from "../../weights/preparedWeights";
import { freeArray } from "../../weights/freeArray";
import { qkvWidth } from "../../weights/tensorShapes";
import { scalesOf } from "../../weights/weightList";
import type { Heap } from "./heap";
import { blocksOf, packedBytes, packMatrix, paddedInputs } from "./packMatrix";
import { HeapRecord, layerFields, matrixFields, planFields, schedulerFields } from "./plan";
import { relaxedDot } from "./relaxedDot";

/** The step that the kernels run next, and the model they run it on. */
export type Plan = HeapRecord<(typeof planFields)[number]>;

/** Rows of attention that a thread computes together at most, see `assembly/attention.ts`. */
const groupRows = 6;

/** Bytes of a thread's sums of a tile, see `assembly/tile.ts`. Threads do not share cache lines. */
export const tileBytes = 256;

const activations: readonly Gpt2Config["activation"][] = ["gelu_tanh", "gelu_erf", "relu"];

/** Whether the kernels can run a model: they work on whole vectors of four numbers. */
export function fitsKernels(config: Gpt2Config): boolean {
  return headWidth(config) % 4 === 0 && config.innerWidth % 4 === 0;
}

export interface StepSize {
  readonly threads: number;
  /** Rows that a step has at most. */
  readonly largestStep: number;
}

/** Positions that a row's scores have memory for in a model of some context length, see `assembly/plan.ts`. */
export function scoreCapacityFor(contextLength: number): number {
  return 16 * Math.ceil(contextLength / 16) + 16;
}

/** Bytes of a thread's scores and weights, and of a row of scales and the factors of the rows: see `assembly/attention.ts`. */
export function scoreBytesFor(scoreCapacity: number): number {
  return scoreCapacity * (4 * groupRows + 2 * groupRows + 4) + 64;
}

/** The records of the keys that threads multiply with, which describe a head until a thread fills in the rest. */
export function keyMatrices(heap: Heap, width: number, threads: number): number {
  const record = { inputs: width, paddedInputs: paddedInputs(width) };
  const fields = matrixFields.length;
  const address = heap.allocate(4 * fields * threads);
  const words = heap.words(address, fields * threads).fill(0);
  for (let thread = 0; thread < threads; thread++) {
    words.set(
      matrixFields.map((field) => (field in record ? record[field as keyof typeof record] : 0)),
      thread * fields,
    );
  }
  return address;
}

/**
 * Puts a model's 8-bit weights into the heap as the kernels want them, with the buffers of a step.
 * @param prepared weights in int8, see `prepareWeights`. Large ones are freed when they are in the heap, so that the model is never in
 *   memory twice.
 */
export function buildPlan(heap: Heap, config: Gpt2Config, prepared: PreparedWeights, size: StepSize): Plan {
  return new PlanBuilder(heap, config, prepared).build(size);
}

class PlanBuilder {
  readonly #heap: Heap;
  readonly #config: Gpt2Config;
  readonly #prepared: PreparedWeights;

  constructor(heap: Heap, config: Gpt2Config, prepared: PreparedWeights) {
    this.#heap = heap;
    this.#config = config;
    this.#prepared = prepared;
  }

  build({ threads, largestStep }: StepSize): Plan {
    const heap = this.#heap;
    const config = this.#config;
    const { width, heads, kvHeads, innerWidth, vocabSize } = config;
    const layers = Array.from({ length: config.layers }, (_, layer) => this.#layer(layer));
    const layerTable = heap.allocate(4 * layers.length);
    heap.words(layerTable, layers.length).set(layers);
    const widest = Math.max(width, innerWidth);
    const scoreCapacity = scoreCapacityFor(config.contextLength);
    const scoreBytes = scoreBytesFor(scoreCapacity);
    const headInputs = paddedInputs(headWidth(config));
    const quantizedInputs = Math.max(paddedInputs(widest), heads * headInputs);
    const blocks = Math.max(blocksOf(widest), heads * blocksOf(headInputs));
    const kvWidth = kvHeads * headWidth(config);
    return new HeapRecord(heap, planFields, {
      width,
      heads,
      kvHeads,
      headWidth: headWidth(config),
      paddedHeadWidth: headInputs,
      innerWidth,
      activation: activations.indexOf(config.activation),
      epsilon: config.layerNormEpsilon,
      layerCount: config.layers,
      layers: layerTable,
      ...(hasHead(config) && {
        finalGain: this.#floats("ln_f.weight"),
        finalNormBias: this.#floats("ln_f.bias"),
        head: this.#matrix("head", width, vocabSize),
      }),
      threads,
      scheduler: new HeapRecord(heap, schedulerFields).address,
      signedInputs: relaxedDot() === "signed" ? 1 : 0,
      x: this.#buffer(largestStep * width),
      normalized: this.#buffer(largestStep * width),
      quantized: heap.allocate(largestStep * quantizedInputs * 2),
      blockScales: this.#buffer(largestStep * blocks * 2),
      query: this.#buffer(largestStep * width),
      keys: this.#buffer(largestStep * kvWidth),
      values: this.#buffer(largestStep * kvWidth),
      keyMatrices: keyMatrices(heap, headWidth(config), threads),
      attended: this.#buffer(largestStep * width),
      hidden: this.#buffer(largestStep * (innerWidth + 16)),
      scores: this.#buffer((threads * scoreBytes) / 4),
      scoreBytes,
      scoreCapacity,
      tiles: heap.allocate(threads * tileBytes),
      tileBytes,
    });
  }

  #layer(layer: number): number {
    const config = this.#config;
    const { width, innerWidth } = config;
    const name = `h.${layer}`;
    return new HeapRecord(this.#heap, layerFields, {
      attentionGain: this.#floats(`${name}.ln_1.weight`),
      attentionNormBias: this.#floats(`${name}.ln_1.bias`),
      qkv: this.#matrix(`${name}.attn.c_attn`, width, qkvWidth(config)),
      attentionOutput: this.#matrix(`${name}.attn.c_proj`, width, width),
      feedForwardGain: this.#floats(`${name}.ln_2.weight`),
      feedForwardNormBias: this.#floats(`${name}.ln_2.bias`),
      expand: this.#matrix(`${name}.mlp.c_fc`, width, innerWidth),
      contract: this.#matrix(`${name}.mlp.c_proj`, innerWidth, width),
      scoreScale: attentionScale(config, layer),
    }).address;
  }

  #matrix(name: string, inputs: number, outputs: number): number {
    const heap = this.#heap;
    const values = this.#weight(`${name}.weight`);
    const bytes = packedBytes(inputs, outputs);
    const weights = heap.allocate(bytes);
    const packed = heap.bytes.subarray(weights, weights + bytes).fill(0);
    packMatrix(new Int8Array(values.buffer, values.byteOffset, values.length), inputs, outputs, packed);
    freeArray(values);
    const scales = this.#floats(scalesOf(`${name}.weight`));
    const bias = this.#prepared.has(`${name}.bias`) ? this.#floats(`${name}.bias`) : this.#buffer(outputs);
    const fields = { weights, scales, bias, outputs, inputs, paddedInputs: paddedInputs(inputs) };
    return new HeapRecord(heap, matrixFields, fields).address;
  }

  /** A tensor of floats in the heap, with zeros after it up to a multiple of 8. */
  #floats(name: string): number {
    const words = new Uint32Array(this.#weight(name).slice().buffer);
    const address = this.#buffer(words.length);
    this.#heap.words(address, words.length).set(words);
    return address;
  }

  /** Zeros for `count` 32-bit numbers, up to a multiple of 8. */
  #buffer(count: number): number {
    const length = Math.ceil(count / 8) * 8;
    const address = this.#heap.allocate(4 * length);
    this.#heap.words(address, length).fill(0);
    return address;
  }

  #weight(name: string): Uint8Array {
    const bytes = this.#prepared.get(name);
    if (!bytes) throw new TypeError(`The prepared weights have no ${name}.`);
    return bytes;
  }
}
