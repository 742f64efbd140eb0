import { ComputeError } from "../../errors";
import { type CacheShape, KvCache } from "../../kvCache/kvCache";
import type { Branches } from "../../languageModel";
import type { Heap } from "./heap";
import { branchFields } from "./plan";

/** Positions by which a tail grows: alternatives are short. */
const growth = 32;

/** A step of one token of each of some branches. */
export interface BranchStep {
  readonly prefix: KvCache;
  readonly tokens: readonly number[];
  /** Of each token in its sequence. */
  readonly positions: readonly number[];
  /** Where the records of the rows' branches are. */
  readonly branches: number;
}

/** Sequences with a common beginning on the kernels: they share its keys and values, and each has a short cache for its own. */
export class KernelBranches implements Branches {
  readonly #tails: readonly KvCache[];
  readonly #records: number;

  /** @param run runs a step, at once */
  constructor(
    private readonly prefix: KvCache,
    count: number,
    private readonly place: { readonly heap: Heap; readonly shape: CacheShape },
    private readonly mostRows: number,
    private readonly run: (step: BranchStep) => Promise<Float32Array>,
  ) {
    const { heap, shape } = place;
    this.#tails = Array.from({ length: count }, (_, i) => new KvCache(i, heap, shape, growth));
    this.#records = heap.allocate(4 * branchFields.length * count);
  }

  async forward(steps: readonly { readonly branch: number; readonly token: number }[]): Promise<Float32Array> {
    if (steps.length > this.mostRows) throw new ComputeError(`More than ${this.mostRows} branches do not fit a step.`);
    if (new Set(steps.map(({ branch }) => branch)).size < steps.length) {
      throw new ComputeError("A branch can run one token in a step.");
    }
    const rows = steps.map(({ branch, token }) => ({ tail: this.#tail(branch), token }));
    const positions = rows.map(({ tail }) => this.prefix.length + tail.length);
    for (const { tail } of rows) tail.reserve(tail.length + 1);
    const records = this.place.heap.words(this.#records, branchFields.length * rows.length);
    rows.forEach(({ tail }, row) => {
      const start = tail.address(0, "key");
      records.set([start, tail.address(0, "value") - start, tail.length], row * branchFields.length);
    });
    const tokens = rows.map(({ token }) => token);
    const logits = await this.run({ prefix: this.prefix, tokens, positions, branches: this.#records });
    for (const { tail, token } of rows) tail.tokens.push(token);
    return logits;
  }

  [Symbol.dispose](): void {
    for (const tail of this.#tails) tail[Symbol.dispose]();
    this.place.heap.free(this.#records);
  }

  #tail(branch: number): KvCache {
    const tail = this.#tails[branch];
    if (!tail) throw new ComputeError(`There is no branch ${branch}.`);
    return tail;
  }
}
