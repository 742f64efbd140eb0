import { sameTokens } from "../../sameTokens";
import { ComputePipeline } from "./computePipeline";
import type { GpuFormat } from "./gpuFormat";
import { blockSize, largestShader } from "./largestShader";
import { storageBuffer, storageWith } from "./storageBuffers";

/** What is to be kept of each row. */
export interface Wanted {
  readonly rows: number;
  readonly count: number;
  readonly excluded: readonly number[];
}

/** A dispatch: the largest of each block of a row. */
interface Stage {
  readonly blocks: number;
  readonly parameters: GPUBuffer;
  readonly kept: GPUBuffer;
}

/** Keeps the largest logits of each row: those of each block of them, then of what is left, until it is one block. */
export class LargestTokens implements Disposable {
  readonly #device: GPUDevice;
  readonly #vocabSize: number;
  readonly #first: ComputePipeline;
  readonly #further: ComputePipeline;
  #wanted: Wanted | undefined;
  #stages: readonly Stage[] = [];

  constructor(device: GPUDevice, format: GpuFormat, vocabSize: number) {
    this.#device = device;
    this.#vocabSize = vocabSize;
    this.#first = new ComputePipeline(device, largestShader("logits", format));
    this.#further = new ComputePipeline(device, largestShader("pairs", format));
  }

  /**
   * Adds the dispatches to a pass.
   * @param logits `[rows, V]`
   * @returns where tokens and the order keys of their logits are then, `[rows, count, 2]`, the largest first
   */
  dispatch(pass: GPUComputePassEncoder, logits: GPUBuffer, wanted: Wanted): GPUBuffer {
    this.#prepare(wanted);
    let source = logits;
    for (const [i, { blocks, parameters, kept }] of this.#stages.entries()) {
      const pipeline = i === 0 ? this.#first : this.#further;
      pipeline.dispatch(pass, [source, parameters, kept], blocks, wanted.rows);
      source = kept;
    }
    return source;
  }

  [Symbol.dispose](): void {
    for (const { parameters, kept } of this.#stages) {
      parameters.destroy();
      kept.destroy();
    }
    this.#stages = [];
  }

  #prepare(wanted: Wanted): void {
    if (this.#wanted && isSame(this.#wanted, wanted)) return;
    this[Symbol.dispose]();
    const { rows, count, excluded } = wanted;
    const stages: Stage[] = [];
    for (let left = this.#vocabSize, blocks = Infinity; blocks > 1; left = blocks * count) {
      blocks = Math.ceil(left / blockSize);
      const parameters = storageWith(this.#device, Uint32Array.of(left, count, excluded.length, ...excluded));
      stages.push({ blocks, parameters, kept: storageBuffer(this.#device, 8 * rows * blocks * count) });
    }
    this.#stages = stages;
    this.#wanted = { ...wanted, excluded: [...excluded] };
  }
}

function isSame(a: Wanted, b: Wanted): boolean {
  return a.rows === b.rows && a.count === b.count && sameTokens(a.excluded, b.excluded);
}
