import { ComputeError } from "../../errors";
import type { HeapKvBuffer } from "../../kvCache/heapStorage";
import type { KvCache } from "../../kvCache/kvCache";
import type { Branches } from "../../languageModel";
import type { Heap } from "./heap";
import { branchFields } from "./plan";

/** A step of tokens of some branches. */
export interface BranchStep {
  readonly prefix: KvCache<HeapKvBuffer>;
  readonly tokens: readonly number[];
  /** Of each token in its sequence. */
  readonly positions: readonly number[];
  /** Address of the records of the rows' branches. */
  readonly branches: number;
}

/** Sequences on the kernels that share the keys and values of a prefix, which may be empty. Each has a cache for what comes after it. */
export class KernelBranches implements Branches {
  readonly #prefix: KvCache<HeapKvBuffer>;
  readonly #owned: readonly Disposable[];
  readonly #heap: Heap;
  readonly #run: (step: BranchStep) => Float32Array;
  readonly #tails: readonly KvCache<HeapKvBuffer>[];
  readonly #records: number;

  /**
   * @param tails what comes after the prefix in each sequence
   * @param owned what is disposed with the branches
   * @param run runs a step, without waiting for anything
   */
  constructor(
    prefix: KvCache<HeapKvBuffer>,
    tails: readonly KvCache<HeapKvBuffer>[],
    owned: readonly Disposable[],
    heap: Heap,
    readonly maxRows: number,
    run: (step: BranchStep) => Float32Array,
  ) {
    this.#prefix = prefix;
    this.#owned = owned;
    this.#heap = heap;
    this.#run = run;
    this.#tails = tails;
    this.#records = heap.allocate(4 * branchFields.length * maxRows);
  }

  async forward(steps: readonly { readonly branch: number; readonly token: number }[]): Promise<Float32Array> {
    if (steps.length > this.maxRows) throw new ComputeError(`More than ${this.maxRows} rows do not fit a step.`);
    const added = new Map<number, number>();
    const rows = steps.map(({ branch, token }) => {
      const tail = this.#tail(branch);
      const length = tail.length + (added.get(branch) ?? 0);
      added.set(branch, length - tail.length + 1);
      return { tail, token, length };
    });
    const positions = rows.map(({ length }) => this.#prefix.length + length);
    for (const { tail, length } of rows) await tail.reserve(length + 1);
    const records = this.#heap.words(this.#records, branchFields.length * rows.length);
    // All rows of a step write their keys and values before any of them attends, so rows of one branch see each other.
    rows.forEach(({ tail, length }, row) => {
      const start = tail.buffer.address(0, "key");
      records.set([start, tail.buffer.address(0, "value") - start, length], row * branchFields.length);
    });
    const tokens = rows.map(({ token }) => token);
    const logits = this.#run({ prefix: this.#prefix, tokens, positions, branches: this.#records });
    for (const { tail, token } of rows) tail.tokens.push(token);
    return logits;
  }

  async copy(from: number, to: number): Promise<void> {
    const source = this.#tail(from);
    const target = this.#tail(to);
    if (source.length > 0) await target.copyPrefix(source, source.length);
    else target.tokens.length = 0;
  }

  [Symbol.dispose](): void {
    for (const owned of this.#owned) owned[Symbol.dispose]();
    this.#heap.free(this.#records);
  }

  #tail(branch: number): KvCache<HeapKvBuffer> {
    const tail = this.#tails[branch];
    if (!tail) throw new ComputeError(`There is no branch ${branch}.`);
    return tail;
  }
}
