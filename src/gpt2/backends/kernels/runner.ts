import type { Gpt2Config } from "../../config/config";
import type { HeapKvBuffer } from "../../kvCache/heapStorage";
import type { ModelInfo } from "../../languageModel";
import { type Embeddings, embeddingsFrom, type PreparedWeights } from "../../weights/preparedWeights";
import type { BranchRow } from "../cachedBranches";
import { Heap } from "./heap";
import { buildPlan, type Plan } from "./model";
import { compileKernels, instantiateKernels, type Kernels } from "./module";
import { branchFields } from "./plan";
import type { KernelThreads } from "./threads";
import { kernelsForThisMachine } from "./trial";

/** Rows of a step that are computed together; a longer step is computed in parts, each of which reads the weights once. */
export const rowsTogether = 256;

export interface KernelOptions {
  /** 0: chosen from the machine. One where there are no `kernelThreads`. */
  readonly threads: number;
  readonly kernelThreads: KernelThreads | undefined;
  readonly cacheBudgetBytes: number | undefined;
  /** From `performance.now()`, when opening began. */
  readonly started: number;
  /** Whether to use relaxed SIMD; as is faster unless given. */
  readonly relaxedSimd?: boolean;
}

/** A step of up to `largestStep` rows. */
export interface KernelStep {
  readonly rows: number;
  /** Writes the rows of the residual stream, `[rows, D]`, with which the first layer begins. */
  readonly writeRows: (x: Float32Array) => void;
  readonly buffer: HeapKvBuffer;
  /** Positions of the buffer that the rows follow. */
  readonly past: number;
  readonly logitRows: number;
  /** Where the logits go. */
  readonly logits: number;
  /** Where the rows are, when each is of another sequence. */
  readonly branches?: readonly BranchRow<HeapKvBuffer>[] | undefined;
}

/** A model, or a part of one, in a heap of its own with the threads that compute on it. Keys and values are the caller's. */
export class KernelRunner implements AsyncDisposable {
  readonly #threadEnds: readonly (() => Promise<void>)[];
  #logits = { address: 0, count: 0 };
  #branchRecords = 0;
  #disposed = false;

  private constructor(
    readonly config: Gpt2Config,
    readonly info: ModelInfo,
    readonly heap: Heap,
    readonly kernels: Kernels,
    readonly plan: Plan,
    readonly embeddings: Embeddings,
    /** Rows that a step has at most. */
    readonly largestStep: number,
    threadEnds: readonly (() => Promise<void>)[],
  ) {
    this.#threadEnds = threadEnds;
  }

  /**
   * @param prepared weights in int8, which cannot be used again after that
   * @param largestStep rows that a step has at most
   * @throws ComputeError when memory runs out
   */
  static async open(
    config: Gpt2Config,
    prepared: PreparedWeights,
    { kernelThreads, relaxedSimd, started, ...options }: KernelOptions,
    largestStep: number,
  ): Promise<KernelRunner> {
    const heap = new Heap();
    const threads = kernelThreads?.count(options.threads) ?? 1;
    const embeddings = embeddingsFrom(prepared, config);
    const plan = buildPlan(heap, config, prepared, { threads, largestStep });
    const weightBytes = heap.bytes.length + embeddings.token.bytes + embeddings.position.bytes;
    const module = await (relaxedSimd === undefined ? kernelsForThisMachine() : compileKernels(relaxedSimd));
    const kernels = await instantiateKernels(module, heap.memory);
    const threadEnds: (() => Promise<void>)[] = [];
    try {
      for (let thread = 1; thread < threads; thread++) {
        const end = await kernelThreads?.start(module, heap.memory, plan.address, thread);
        if (end) threadEnds.push(end);
      }
    } catch (error) {
      await endThreads(kernels, plan, threadEnds);
      throw error;
    }
    const loadMs = performance.now() - started;
    const info = { backend: "kernels", precision: "int8", threads, weightBytes, loadMs } as const;
    return new KernelRunner(config, info, heap, kernels, plan, embeddings, largestStep, threadEnds);
  }

  /** Runs a step; keys and values go into the caches, the logits to where they were wanted. */
  run(step: KernelStep): void {
    this.describe(step);
    this.kernels.step(this.plan.address);
  }

  /** Writes a step into the plan, without running it. */
  describe({ rows, writeRows, buffer, past, logitRows, logits, branches }: KernelStep): void {
    writeRows(this.residual(rows));
    this.plan.set({
      rows,
      past,
      branches: branches ? this.#writeBranches(branches) : 0,
      cache: buffer.address(0),
      cacheCapacity: buffer.capacity,
      firstSublayer: 0,
      endSublayer: 2 * this.config.layers,
      logitRows,
      logits,
      tappedScores: 0,
    });
  }

  /** The rows of the residual stream, `[rows, D]`: after a step, what the last layer gave. */
  residual(rows: number): Float32Array {
    return this.heap.floats(this.plan.get("x"), rows * this.config.width);
  }

  /** Memory for logits; what was in it may be lost. */
  logitsFor(rows: number): number {
    const count = rows * this.config.vocabSize;
    if (count > this.#logits.count) {
      this.heap.free(this.#logits.address);
      this.#logits = { address: this.heap.allocate(4 * count), count };
    }
    return this.#logits.address;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await endThreads(this.kernels, this.plan, this.#threadEnds);
  }

  /** @returns the address of the records */
  #writeBranches(rows: readonly BranchRow<HeapKvBuffer>[]): number {
    const fields = branchFields.length;
    if (this.#branchRecords === 0) this.#branchRecords = this.heap.allocate(4 * fields * rowsTogether);
    const records = this.heap.words(this.#branchRecords, fields * rows.length);
    rows.forEach(({ tail, length }, row) => {
      records.set([tail.address(0), tail.capacity, length], row * fields);
    });
    return this.#branchRecords;
  }
}

/** Asks the threads of a heap to end, and waits until they have. */
async function endThreads(kernels: Kernels, plan: Plan, ends: readonly (() => Promise<void>)[]): Promise<void> {
  kernels.end(plan.address);
  await Promise.all(ends.map((ended) => ended()));
}
