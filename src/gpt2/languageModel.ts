import type { LoraAdapter } from "./adapters/adapter";
import type { Gpt2Config } from "./config/config";

/** How the weight matrices can be kept, the default first. `f16` and `int4` run on WebGPU only. */
export const precisions = ["int8", "f32", "f16", "int4"] as const;
export type Precision = (typeof precisions)[number];

/** A backend by the name that settings and the command line know. */
export type BackendId = "kernels" | "onnxruntime" | "webgpu";

/** How a model is run. */
export interface ModelInfo {
  /** What computes: our own WebAssembly SIMD kernels, ONNX Runtime on WebAssembly, or ONNX Runtime on WebGPU. */
  readonly backend: BackendId;
  readonly precision: Precision;
  /** Whether activations are 16-bit floats; they are 32-bit floats unless given, or 8-bit integers before an int8 matrix. */
  readonly half?: boolean;
  readonly threads: number;
  /** Bytes of weights in memory. */
  readonly weightBytes: number;
  /** Milliseconds from opening the file to the first step. */
  readonly loadMs: number;
  /** Of a model that is split: its parts, in the order of their layers. {@link backend} is that of the first. */
  readonly parts?: readonly PartInfo[];
}

/** How a part of a model is run. */
export interface PartInfo {
  readonly backend: BackendId;
  readonly layers: number;
  /** Bytes of weights in memory. */
  readonly weightBytes: number;
}

/**
 * A sequence whose keys and values are cached: position i holds those of `tokens[i]`. It is the caller's alone until it is disposed;
 * its tokens, or for `look` those that it held before, stay cached for the next {@link LanguageModel.acquire}.
 */
export interface CacheSlot extends Disposable {
  readonly id: number;
  readonly tokens: readonly number[];
}

/**
 * What a slot is for: to continue its sequence, to look at what follows and leave the sequence as it was, or to continue from a part of a
 * sequence that stays cached beside it.
 */
export type SlotUse = "continue" | "look" | "branch";

/** One slot as a person sees it in the diagnostics. */
export interface CacheSlotInfo {
  readonly id: number;
  readonly length: number;
  readonly capacity: number;
  readonly bytes: number;
  /** Milliseconds since it was last used. */
  readonly idleMs: number;
  /** The adapter that computes it; none unless given. */
  readonly adapter?: string;
}

/** Tokens of a row that {@link LanguageModel.forwardLikeliest} can give. */
export const mostLikeliest = 100;

export interface LikeliestOptions {
  /** Unless given, 1. */
  readonly rows?: number;
  /** Tokens of each row, at most {@link mostLikeliest}; unless given, 1. */
  readonly count?: number;
  /** Tokens that are not chosen; a few. */
  readonly excluded?: readonly number[];
  /**
   * Further steps to begin before this one's token is known, each with the likeliest token of the one before it; with a `count` of 1. They save time
   * if the following calls run these tokens, and change nothing if they do not.
   */
  readonly ahead?: number;
}

/** A good value of {@link LikeliestOptions.ahead}: with more, the steps wasted at the end of a text cost as much as the shorter waits save. */
export const usualAhead = 2;

/** A token that was chosen where the logits are. */
export interface LikeliestToken {
  readonly token: number;
  /** The first of a row has NaN if any logit is NaN, or if all tokens are excluded. */
  readonly logit: number;
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
   * @param use `look` for inspection: if the slot lacks few of `tokens`, its former content is restored when it is disposed. `branch`: no
   *   slot is rolled back as long as the budget allows a copy of the prefix
   * @param adapter one of {@link addAdapter}, which computes everything in the slot; slots are shared only with requests for the same one
   */
  acquire(tokens: readonly number[], use?: SlotUse, adapter?: string): Promise<CacheSlot>;
  /**
   * Loads a LoRA adapter under a name, for {@link acquire}. It is added to the products of the model's own weights, which stay as they are.
   * Undefined where adapters can only be merged into the weights.
   * @throws ComputeError when memory runs out
   */
  addAdapter?(name: string, adapter: LoraAdapter): void | Promise<void>;
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
   * The natural logarithm of the sum of e to the power of each of a token's logits `[V]`, which are still valid; undefined where everyone
   * can compute that as fast.
   */
  logSumExp?(logits: Float32Array): number;
  /**
   * A step like {@link forward}'s, of which only the likeliest tokens come back. Undefined where that is no faster than reading the logits.
   * @returns after each of the last `rows` tokens those with the largest logits, the largest first, the lower token first on ties
   * @throws ContextOverflowError, UnknownTokenError
   */
  forwardLikeliest?(
    slot: CacheSlot,
    tokens: readonly number[],
    options?: LikeliestOptions,
  ): Promise<readonly (readonly LikeliestToken[])[]>;
  /** How many steps {@link forwardLikeliest} has begun ahead. */
  readonly stepsAhead?: number;
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
