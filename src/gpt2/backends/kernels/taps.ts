import { type CheckpointTensors, tap, type Tensor } from "../../taps";
import { type Gpt2Config, headWidth } from "../../config/config";
import type { HeapKvBuffer } from "../../kvCache/heapStorage";
import type { ReadCache } from "../heapCaches";
import { readInt8 } from "./int8Cache";
import { hasHead } from "../../config/part";
import { softmax } from "../../definitions";
import type { Heap } from "./heap";
import type { Plan } from "./model";
import type { Kernels } from "./module";
import type { KernelRunner } from "./runner";

/**
 * Runs the step that the plan describes sublayer by sublayer and copies the buffers after each of them.
 * @param wanted names of `tap`; logits and tensors of the cache are not returned
 */
export function runTapped(runner: KernelRunner, buffer: HeapKvBuffer, wanted: ReadonlySet<string>): CheckpointTensors {
  return new TappedStep(runner, buffer, wanted).run();
}

class TappedStep {
  readonly #config: Gpt2Config;
  readonly #heap: Heap;
  readonly #kernels: Kernels;
  readonly #plan: Plan;
  readonly #buffer: HeapKvBuffer;
  readonly #readCache: ReadCache;
  readonly #wanted: ReadonlySet<string>;
  readonly #tensors = new Map<string, Tensor>();
  readonly #rows: number;
  readonly #total: number;

  constructor({ config, heap, kernels, plan }: KernelRunner, buffer: HeapKvBuffer, wanted: ReadonlySet<string>) {
    this.#config = config;
    this.#heap = heap;
    this.#kernels = kernels;
    this.#plan = plan;
    this.#buffer = buffer;
    this.#readCache = readInt8(heap, config);
    this.#wanted = wanted;
    this.#rows = plan.get("rows");
    this.#total = plan.get("past") + this.#rows;
  }

  run(): CheckpointTensors {
    const { layers, heads, vocabSize } = this.#config;
    const lens = new Float32Array(this.#wanted.has(tap.lens) ? layers * vocabSize : 0);
    const scoreCount = heads * this.#rows * this.#total;
    const tappedScores = this.#heap.allocate(4 * scoreCount);
    try {
      this.#plan.set({ tappedScores });
      this.#keepRows(tap.embeddings, "x");
      for (let layer = 0; layer < layers; layer++) {
        this.#heap.floats(tappedScores, scoreCount).fill(0);
        this.#attention(layer, tappedScores);
        this.#feedForward(layer);
        if (this.#wanted.has(tap.lens)) lens.set(this.#lastLogits(), layer * vocabSize);
      }
      if (!hasHead(this.#config)) return this.#tensors;
      this.#tensors.set(tap.lens, { shape: [layers, vocabSize], data: lens });
      this.#runSublayers(2 * layers, 2 * layers);
      this.#keepRows(tap.finalNorm, "normalized");
      return this.#tensors;
    } finally {
      this.#heap.free(tappedScores);
    }
  }

  #attention(layer: number, tappedScores: number): void {
    const config = this.#config;
    const { heads, kvHeads } = config;
    const before = this.#read("x");
    this.#runSublayers(2 * layer, 2 * layer + 1);
    this.#keepRows(tap.ln1(layer), "normalized");
    this.#keep(tap.query(layer), [heads, headWidth(config)], () => this.#read("query"));
    const inner = [kvHeads, headWidth(config)];
    const past = (this.#total - this.#rows) * kvHeads * headWidth(config);
    for (const [name, kind] of [[tap.key(layer), "key"] as const, [tap.value(layer), "value"] as const]) {
      // As they are in the cache, in 8 bits: so they are what attention computes with.
      this.#keep(name, inner, () => this.#readCache(this.#buffer, layer, kind, this.#total).slice(past));
    }
    this.#keepScores(layer, tappedScores);
    this.#keep(tap.attention(layer), [config.width], () => difference(this.#read("x"), before));
  }

  #feedForward(layer: number): void {
    const before = this.#read("x");
    this.#runSublayers(2 * layer + 1, 2 * layer + 2);
    this.#keepRows(tap.ln2(layer), "normalized");
    this.#keep(tap.feedForward(layer), [this.#config.width], () => difference(this.#read("x"), before));
    this.#keepRows(tap.block(layer), "x");
  }

  #keepScores(layer: number, address: number): void {
    const shape = [this.#config.heads, this.#rows, this.#total];
    const scores = () => this.#heap.floats(address, this.#config.heads * this.#rows * this.#total).slice();
    if (this.#wanted.has(tap.scores(layer))) this.#tensors.set(tap.scores(layer), { shape, data: scores() });
    if (!this.#wanted.has(tap.attentionWeights(layer))) return;
    const weights = scores();
    for (let row = 0; row < this.#config.heads * this.#rows; row++) {
      const seen = this.#total - this.#rows + (row % this.#rows) + 1;
      const of = weights.subarray(row * this.#total, row * this.#total + seen);
      of.set(softmax(of));
    }
    this.#tensors.set(tap.attentionWeights(layer), { shape, data: weights });
  }

  /** Runs sublayers; an empty range after the last one yields the logits. */
  #runSublayers(firstSublayer: number, endSublayer: number): void {
    const empty = firstSublayer === endSublayer;
    this.#plan.set({ firstSublayer, endSublayer, logitRows: empty ? this.#rows : 0 });
    this.#kernels.step(this.#plan.address);
  }

  /** The last row through the final norm and the head, `[V]`: the logit lens. Overwrites the step's first logits. */
  #lastLogits(): Float32Array {
    const end = 2 * this.#config.layers;
    this.#plan.set({ firstSublayer: end, endSublayer: end, logitRows: 1 });
    this.#kernels.step(this.#plan.address);
    return this.#heap.floats(this.#plan.get("logits"), this.#config.vocabSize);
  }

  #keepRows(name: string, buffer: "x" | "normalized"): void {
    this.#keep(name, [this.#config.width], () => this.#read(buffer));
  }

  #keep(name: string, inner: readonly number[], data: () => Float32Array): void {
    if (this.#wanted.has(name)) this.#tensors.set(name, { shape: [this.#rows, ...inner], data: data() });
  }

  #read(buffer: "x" | "normalized" | "query"): Float32Array {
    return this.#heap.floats(this.#plan.get(buffer), this.#rows * this.#config.width).slice();
  }
}

/** What a sublayer added to the residual stream. */
function difference(after: Float32Array, before: Float32Array): Float32Array {
  return after.map((value, i) => value - (before[i] as number));
}
