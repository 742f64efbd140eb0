import { ComputeError } from "../../errors";
import type { KvCache } from "../../kvCache/kvCache";
import type { SavedRows } from "../../kvCache/storage";
import type { Branches } from "../../languageModel";
import type { GpuKvBuffer } from "./gpuKvBuffer";
import type { RowsStep } from "./gpuSession";

/** Rows of one step, which bounds the logits that are read at once. */
const maxRows = 64;

/** A token at the end of a branch. */
interface BranchToken {
  readonly branch: number;
  readonly token: number;
}

/** What the branches need from their model. */
export interface BranchRunner {
  /** Runs steps one after the other; each is prepared when it is its turn. @returns the logits of all, `[rows, V]` */
  readonly run: (steps: readonly PreparedStep[]) => Promise<Float32Array>;
  /** Refuses tokens that cannot be run after `past` others. */
  readonly check: (past: number, tokens: readonly number[]) => void;
}

/** A step whose rows are known before the GPU is ready for it. */
export interface PreparedStep {
  readonly rows: number;
  readonly prepare: () => RowsStep;
}

/** A branch's tokens after the prefix, and its keys and values while another branch is in the buffer. */
interface Branch {
  tokens: readonly number[];
  saved: SavedRows<GpuKvBuffer> | undefined;
}

/**
 * Sequences that share the keys and values of a slot's tokens. One of them at a time continues in the slot's own buffer; what the others
 * have after the prefix is kept beside it. So the prefix is never copied, and switching moves a few rows on the GPU.
 */
export class GpuBranches implements Branches {
  readonly maxRows = maxRows;
  readonly #cache: KvCache<GpuKvBuffer>;
  readonly #branches: readonly Branch[];
  readonly #runner: BranchRunner;
  readonly #reserve: (length: number) => Promise<void>;
  /** The branch whose keys and values follow the prefix in the buffer. */
  #resident: Branch | undefined;
  #reserved: number;

  /** @param cache holds the prefix @param reserve makes it fit so many positions */
  constructor(
    cache: KvCache<GpuKvBuffer>,
    count: number,
    { reserve, ...runner }: BranchRunner & { readonly reserve: (length: number) => Promise<void> },
  ) {
    this.#cache = cache;
    this.#branches = Array.from({ length: count }, () => ({ tokens: [], saved: undefined }));
    this.#runner = runner;
    this.#reserve = reserve;
    this.#reserved = cache.length;
  }

  async forward(steps: readonly BranchToken[]): Promise<Float32Array> {
    const prefix = this.#cache.length;
    const groups = groupByBranch(steps);
    for (const { branch, tokens } of groups) this.#runner.check(prefix + this.#branch(branch).tokens.length, tokens);
    const lengths = groups.map(({ branch, tokens }) => this.#branch(branch).tokens.length + tokens.length);
    await this.#reserveFor(prefix + Math.max(0, ...lengths));
    const prepared = groups.map(({ branch, tokens }) => ({
      rows: tokens.length,
      prepare: () => {
        const target = this.#branch(branch);
        this.#load(target);
        const past = prefix + target.tokens.length;
        target.tokens = [...target.tokens, ...tokens];
        return { tokens, past, buffer: this.#cache.buffer };
      },
    }));
    return inOrderOf(steps, groups, await this.#runner.run(prepared));
  }

  copy(from: number, to: number): Promise<void> {
    const [source, target] = [this.#branch(from), this.#branch(to)];
    if (source === target) return Promise.resolve();
    if (this.#resident === target) this.#resident = undefined;
    target.saved?.[Symbol.dispose]();
    target.saved = undefined;
    target.tokens = source.tokens;
    if (source.tokens.length === 0) return Promise.resolve();
    this.#load(source);
    target.saved = this.#save(source);
    return Promise.resolve();
  }

  [Symbol.dispose](): void {
    for (const branch of this.#branches) branch.saved?.[Symbol.dispose]();
  }

  /** Puts a branch's keys and values after the prefix. */
  #load(branch: Branch): void {
    const resident = this.#resident;
    if (resident === branch) return;
    if (resident && resident.tokens.length > 0) resident.saved = this.#save(resident);
    branch.saved?.restore(this.#cache.buffer);
    branch.saved?.[Symbol.dispose]();
    branch.saved = undefined;
    this.#resident = branch;
  }

  #save(branch: Branch): SavedRows<GpuKvBuffer> {
    return this.#cache.save(this.#cache.length, this.#cache.length + branch.tokens.length);
  }

  /** Rows that a slot is to get back are saved once: later steps overwrite what is the branches' own. */
  async #reserveFor(length: number): Promise<void> {
    if (length <= this.#reserved) return;
    await this.#reserve(length);
    this.#reserved = length;
  }

  #branch(index: number): Branch {
    const branch = this.#branches[index];
    if (!branch) throw new ComputeError(`There is no branch ${index}.`);
    return branch;
  }
}

/** The sequences of several slots, one after the other: the GPU's queue is filled while nothing is waited for. */
export class JoinedSlots implements Branches {
  readonly maxRows = maxRows;
  readonly #caches: readonly KvCache<GpuKvBuffer>[];
  readonly #runner: BranchRunner;
  readonly #reserve: (cache: KvCache<GpuKvBuffer>, length: number) => Promise<void>;

  constructor(
    caches: readonly KvCache<GpuKvBuffer>[],
    {
      reserve,
      ...runner
    }: BranchRunner & { readonly reserve: (cache: KvCache<GpuKvBuffer>, length: number) => Promise<void> },
  ) {
    this.#caches = caches;
    this.#runner = runner;
    this.#reserve = reserve;
  }

  async forward(steps: readonly BranchToken[]): Promise<Float32Array> {
    const groups = groupByBranch(steps);
    for (const { branch, tokens } of groups) this.#runner.check(this.#cache(branch).length, tokens);
    for (const { branch, tokens } of groups) {
      const cache = this.#cache(branch);
      await this.#reserve(cache, cache.length + tokens.length);
    }
    const prepared = groups.map(({ branch, tokens }) => ({
      rows: tokens.length,
      prepare: () => {
        const cache = this.#cache(branch);
        return { tokens, past: cache.length, buffer: cache.buffer };
      },
    }));
    const logits = await this.#runner.run(prepared);
    for (const { branch, tokens } of groups) this.#cache(branch).tokens.push(...tokens);
    return inOrderOf(steps, groups, logits);
  }

  async copy(from: number, to: number): Promise<void> {
    const source = this.#cache(from);
    if (source.length > 0) await this.#cache(to).copyPrefix(source, source.length);
    else this.#cache(to).tokens.length = 0;
  }

  /** The caches are those of slots, which their owners dispose. */
  [Symbol.dispose](): void {
    return undefined;
  }

  #cache(branch: number): KvCache<GpuKvBuffer> {
    const cache = this.#caches[branch];
    if (!cache) throw new ComputeError(`There is no branch ${branch}.`);
    return cache;
  }
}

interface Group {
  readonly branch: number;
  readonly tokens: number[];
  /** Where its tokens are in the step. */
  readonly rows: number[];
}

/** The tokens of each branch. @throws ComputeError when they are too many */
function groupByBranch(steps: readonly BranchToken[]): readonly Group[] {
  if (steps.length > maxRows) throw new ComputeError(`More than ${maxRows} rows do not fit a step.`);
  const groups = new Map<number, Group>();
  steps.forEach(({ branch, token }, row) => {
    const group = groups.get(branch) ?? { branch, tokens: [], rows: [] };
    groups.set(branch, group);
    group.tokens.push(token);
    group.rows.push(row);
  });
  return Array.from(groups.values());
}

/** Logits that come branch by branch, in the order of the steps. */
function inOrderOf(steps: readonly BranchToken[], groups: readonly Group[], logits: Float32Array): Float32Array {
  const order = groups.flatMap(({ rows }) => rows);
  if (order.every((row, i) => row === i)) return logits;
  const vocabSize = logits.length / steps.length;
  const ordered = new Float32Array(logits.length);
  order.forEach((row, i) => ordered.set(logits.subarray(i * vocabSize, (i + 1) * vocabSize), row * vocabSize));
  return ordered;
}
