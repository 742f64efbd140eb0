import { ComputeError } from "../../errors";
import type { HeapKvBuffer, HeapKvStorage } from "../../kvCache/heapStorage";
import { KvCache } from "../../kvCache/kvCache";
import type { Branches } from "../../languageModel";
import type { Heap } from "./heap";
import { branchFields } from "./plan";

/** Positions by which a tail grows: alternatives are short. */
const growth = 32;

/** A step of one token of each of some branches. */
export interface BranchStep {
  readonly prefix: KvCache<HeapKvBuffer>;
  readonly tokens: readonly number[];
  /** Of each token in its sequence. */
  readonly positions: readonly number[];
  /** Address of the records of the rows' branches. */
  readonly branches: number;
}

/** Sequences with a common prefix on the kernels: they share its keys and values, and each has a short cache of its own. */
export class KernelBranches implements Branches {
  readonly #tails: readonly KvCache<HeapKvBuffer>[];
  readonly #records: number;

  /** @param run runs a step, without waiting for anything */
  constructor(
    private readonly prefix: KvCache<HeapKvBuffer>,
    count: number,
    private readonly memory: { readonly heap: Heap; readonly storage: HeapKvStorage },
    private readonly mostRows: number,
    private readonly run: (step: BranchStep) => Float32Array,
  ) {
    const { heap, storage } = memory;
    this.#tails = Array.from({ length: count }, (_, i) => new KvCache(i, storage, growth));
    this.#records = heap.allocate(4 * branchFields.length * count);
  }

  async forward(steps: readonly { readonly branch: number; readonly token: number }[]): Promise<Float32Array> {
    if (steps.length > this.mostRows) throw new ComputeError(`More than ${this.mostRows} branches do not fit a step.`);
    if (new Set(steps.map(({ branch }) => branch)).size < steps.length) {
      throw new ComputeError("A branch can run one token in a step.");
    }
    const rows = steps.map(({ branch, token }) => ({ tail: this.#tail(branch), token }));
    const positions = rows.map(({ tail }) => this.prefix.length + tail.length);
    for (const { tail } of rows) await tail.reserve(tail.length + 1);
    const records = this.memory.heap.words(this.#records, branchFields.length * rows.length);
    rows.forEach(({ tail }, row) => {
      const start = tail.buffer.address(0, "key");
      records.set([start, tail.buffer.address(0, "value") - start, tail.length], row * branchFields.length);
    });
    const tokens = rows.map(({ token }) => token);
    const logits = this.run({ prefix: this.prefix, tokens, positions, branches: this.#records });
    for (const { tail, token } of rows) tail.tokens.push(token);
    return logits;
  }

  [Symbol.dispose](): void {
    for (const tail of this.#tails) tail[Symbol.dispose]();
    this.memory.heap.free(this.#records);
  }

  #tail(branch: number): KvCache<HeapKvBuffer> {
    const tail = this.#tails[branch];
    if (!tail) throw new ComputeError(`There is no branch ${branch}.`);
    return tail;
  }
}
