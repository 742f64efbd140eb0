import type { Gpt2Config } from "./config/config";

export type Precision = "int8" | "f32";

/** What the weights are run on. */
export interface ModelInfo {
  readonly backend: "wasm" | "webgpu";
  /** What computes on it: our own WebAssembly SIMD kernels, or ONNX Runtime. */
  readonly runtime: "kernels" | "onnxruntime";
  readonly precision: Precision;
  readonly threads: number;
  /** Bytes of weights in memory. */
  readonly weightBytes: number;
  /** Milliseconds from opening the file to the first step. */
  readonly loadMs: number;
}

/** A sequence whose keys and values are kept. Position i of the cache holds the k/v of `tokens[i]`. */
export interface CacheSlot {
  readonly id: number;
  readonly tokens: readonly number[];
}

/** What a slot is wanted for: to go on from there, or to look and leave it as it was. */
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
   * The slot that shares the longest prefix with `tokens`, rewound to that prefix, at most `tokens.length - 1` long so that the last
   * token is always run and its logits are there. A slot that holds something else worth keeping is not cut for a short
   * common prefix: the prefix is copied into another slot (the least recently used one goes when the budget is full).
   * The slot is the caller's alone until {@link release}: requests that take turns do not cut each other's sequences.
   * @param use `look` for what only looks at the model: if the slot lacks few of `tokens`, it gets back on release what it held
   */
  acquire(tokens: readonly number[], use?: SlotUse): CacheSlot;
  /** Gives a slot back. Its tokens, or those that it held before who only looked, stay cached for the next {@link acquire}. */
  release(slot: CacheSlot): void;
  /** Sets the slot's length: rows from `length` on are forgotten. */
  rewind(slot: CacheSlot, length: number): void;
  /**
   * Runs `tokens` behind what the slot holds and appends them to it.
   * @returns the logits of the last `logitRows` (default 1) tokens, `[logitRows, V]`; 0 gives an empty array and skips the head.
   *   The array is a view that is valid until the next call.
   * @throws ContextOverflowError when the slot would grow past `config.contextLength`, UnknownTokenError for an id outside the
   *   vocabulary. The slot is unchanged.
   */
  forward(slot: CacheSlot, tokens: readonly number[], logitRows?: number): Promise<Float32Array>;
  /**
   * Sequences that begin with all that a slot holds and go on each in its own way, run together; undefined where each must have a slot of its
   * own. The slot must stay as it is, and the caller's, until they are disposed.
   */
  branch?(slot: CacheSlot, count: number): Branches;
  slots(): readonly CacheSlotInfo[];
}

/** Sequences with a common beginning. What a token gets is the same as in a sequence of its own. */
export interface Branches extends Disposable {
  /**
   * Runs one token behind each of some branches.
   * @param steps each of another branch, numbered from 0
   * @returns logits `[steps, V]`, a view that is valid until the next call
   * @throws ContextOverflowError, UnknownTokenError
   */
  forward(steps: readonly { readonly branch: number; readonly token: number }[]): Promise<Float32Array>;
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
