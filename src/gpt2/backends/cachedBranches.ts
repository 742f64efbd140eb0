import { ComputeError } from "../errors";
import { KvCache } from "../kvCache/kvCache";
import type { KvBuffer, KvStorage } from "../kvCache/storage";
import type { Branches } from "../languageModel";

/** Positions by which a branch's own cache grows: alternatives are short. */
const tailGrowth = 16;

/** A row of a step of branches: what its branch has after the prefix. */
export interface BranchRow<Buffer> {
  readonly tail: Buffer;
  /** Positions of the tail before the row's. */
  readonly length: number;
}

/** A step of tokens of some branches. */
export interface BranchStep<Buffer extends KvBuffer<Buffer>> {
  readonly prefix: KvCache<Buffer>;
  readonly tokens: readonly number[];
  /** Of each token in its sequence. */
  readonly positions: readonly number[];
  /** Of each token. All rows write their keys and values before any of them attends, so rows of one branch see each other. */
  readonly rows: readonly BranchRow<Buffer>[];
}

/** What runs the steps of branches, up to `maxRows` tokens at a time, and returns their logits `[rows, V]`. */
export interface BranchRunner<Buffer extends KvBuffer<Buffer>> {
  readonly maxRows: number;
  run(step: BranchStep<Buffer>): Float32Array | Promise<Float32Array>;
}

/** Sequences that share the keys and values of a prefix, which may be empty. Each has a cache for what comes after it. */
export class CachedBranches<Buffer extends KvBuffer<Buffer>> implements Branches {
  readonly #prefix: KvCache<Buffer>;
  readonly #tails: readonly KvCache<Buffer>[];
  readonly #owned: readonly Disposable[];
  readonly #runner: BranchRunner<Buffer>;

  private constructor(
    prefix: KvCache<Buffer>,
    tails: readonly KvCache<Buffer>[],
    owned: readonly Disposable[],
    runner: BranchRunner<Buffer>,
  ) {
    this.#prefix = prefix;
    this.#tails = tails;
    this.#owned = owned;
    this.#runner = runner;
  }

  /** `count` sequences after a prefix, which stays as it is. */
  static after<Buffer extends KvBuffer<Buffer>>(
    prefix: KvCache<Buffer>,
    count: number,
    storage: KvStorage<Buffer>,
    runner: BranchRunner<Buffer>,
  ): CachedBranches<Buffer> {
    const tails = Array.from({ length: count }, (_, i) => new KvCache(i, storage, tailGrowth));
    return new CachedBranches(prefix, tails, tails, runner);
  }

  /**
   * Sequences without a common prefix, to which what is run is appended.
   * @throws ComputeError when they were computed with different adapters
   */
  static async of<Buffer extends KvBuffer<Buffer>>(
    caches: readonly KvCache<Buffer>[],
    storage: KvStorage<Buffer>,
    runner: BranchRunner<Buffer>,
  ): Promise<CachedBranches<Buffer>> {
    const [adapter, ...others] = new Set(caches.map((cache) => cache.adapter));
    if (others.length > 0) throw new ComputeError("Sequences with different adapters cannot be run in one step.");
    const nothing = new KvCache(0, storage, tailGrowth, adapter);
    await nothing.reserve(1);
    return new CachedBranches(nothing, caches, [nothing], runner);
  }

  get maxRows(): number {
    return this.#runner.maxRows;
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
    for (const { tail, length } of rows) await tail.reserve(length + 1);
    const logits = await this.#runner.run({
      prefix: this.#prefix,
      tokens: rows.map(({ token }) => token),
      positions: rows.map(({ length }) => this.#prefix.length + length),
      rows: rows.map(({ tail, length }) => ({ tail: tail.buffer, length })),
    });
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
  }

  #tail(branch: number): KvCache<Buffer> {
    const tail = this.#tails[branch];
    if (!tail) throw new ComputeError(`There is no branch ${branch}.`);
    return tail;
  }
}
