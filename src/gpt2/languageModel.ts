import type { Gpt2Config } from "./config/config";

export type Precision = "int8" | "f32";

/** A backend by the name that settings and the command line know. */
export type BackendId = "kernels" | "onnxruntime";

/** How a model is run. */
export interface ModelInfo {
  /** What computes: our own WebAssembly SIMD kernels, or ONNX Runtime on WebAssembly. */
  readonly backend: BackendId;
  readonly precision: Precision;
  readonly threads: number;
  /** Bytes of weights in memory. */
  readonly weightBytes: number;
  /** Milliseconds from opening the file to the first step. */
  readonly loadMs: number;
}

/**
 * A sequence whose keys and values are cached: position i holds those of `tokens[i]`. It is the caller's alone until it is disposed;
 * its tokens, or for `look` those that it held before, stay cached for the next {@link LanguageModel.acquire}.
 */
export interface CacheSlot extends Disposable {
  readonly id: number;
  readonly tokens: readonly number[];
}

/** What a slot is for: to continue its sequence, or to look at what follows and leave the sequence as it was. */
export type SlotUse = "continue" | "look";

/** One slot as a person sees it in the diagnostics. */
export interface CacheSlotInfo {
  readonly id: number;
  readonly length: number;
  readonly capacity: number;
  readonly bytes: number;
  /** Milliseconds since it was last used. */
  readonly idleMs: number;
}

/** A causal language model with cached sequences. Not re-entrant: one call at a time (the engine's queue sees to that). */
export interface LanguageModel extends AsyncDisposable {
  readonly config: Gpt2Config;
  readonly info: ModelInfo;
  /** Size of the heap that holds the weights and the cache, in bytes. */
  readonly heapBytes: number;
  /** How many sequences of full length can be cached at once, at least 1. */
  readonly fullSlots: number;
  /** Tokens that the model was run on since it was opened, drafts that were wrong included. */
  readonly computedTokens: number;
  /**
   * The slot that shares the longest prefix with `tokens`, rolled back to that prefix, which is at most `tokens.length - 1` long so that
   * the last token is always run and its logits are available. A slot that holds something else worth keeping is not rolled back for a
   * short common prefix: the prefix is copied into another slot (the least recently used one is evicted when the budget is full).
   * Requests that take turns do not touch each other's slots.
   * @param use `look` for inspection: if the slot lacks few of `tokens`, its former content is restored when it is disposed
   */
  acquire(tokens: readonly number[], use?: SlotUse): Promise<CacheSlot>;
  /** Sets the slot's length: rows from `length` on are rolled back. */
  rewind(slot: CacheSlot, length: number): void;
  /**
   * Runs `tokens` after those that the slot holds and appends them to it.
   * @returns the logits of the last `logitRows` (default 1) tokens, `[logitRows, V]`; 0 gives an empty array and skips the head.
   *   The array is a view that is valid until the next call.
   * @throws ContextOverflowError when the slot would grow past `config.contextLength`, UnknownTokenError for an id outside the
   *   vocabulary. The slot is unchanged.
   */
  forward(slot: CacheSlot, tokens: readonly number[], logitRows?: number): Promise<Float32Array>;
  /**
   * Sequences that share a slot's tokens as their prefix and are decoded together; undefined where each needs a slot of its own. The slot
   * must not change, and must be held, until they are disposed.
   */
  branch?(slot: CacheSlot, count: number): Branches;
  /**
   * The sequences of several slots, decoded together; undefined where they can only be run one after the other. What is run is appended
   * to the slots, which must be held until the branches are disposed.
   */
  join?(slots: readonly CacheSlot[]): Promise<Branches>;
  slots(): readonly CacheSlotInfo[];
}

/** Sequences that are decoded together. A token's logits are the same as in a sequence of its own. */
export interface Branches extends Disposable {
  /** Tokens that can be run in one step. */
  readonly maxRows: number;
  /**
   * Runs tokens at the end of some branches. Several of one branch follow each other in their order.
   * @param steps at most {@link maxRows}
   * @returns logits `[steps, V]`, a view that is valid until the next call
   * @throws ContextOverflowError, UnknownTokenError
   */
  forward(steps: readonly { readonly branch: number; readonly token: number }[]): Promise<Float32Array>;
  /** Makes the branch `to` the same as the branch `from`, with a copy of its keys and values. */
  copy(from: number, to: number): Promise<void>;
}

/** A token id for which the model has no embedding: a tokenizer that is not the model's, or a wrong number from outside. */
export class UnknownTokenError extends Error {
  override readonly name = "UnknownTokenError";
  constructor(token: number, vocabSize: number) {
    super(`Token id ${token} is not in the model's vocabulary: ids go from 0 to ${vocabSize - 1}.`);
  }
}

/** A sequence that would need more positions than the model knows. */
export class ContextOverflowError extends Error {
  override readonly name = "ContextOverflowError";
  constructor(wanted: number, contextLength: number) {
    super(`${wanted} tokens do not fit the model's context of ${contextLength}.`);
  }
}
