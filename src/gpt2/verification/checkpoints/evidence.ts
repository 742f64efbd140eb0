import type { Gpt2Config } from "../../config/config";
import type { Precision } from "../../languageModel";
import type { KnownContinuation } from "./published";
import type { CheckpointTensors } from "../../taps";

/** How the engine turns logits into tokens: the very functions that completions use. */
export interface CheckpointSampler {
  /** The choice at temperature 0. */
  readonly greedy: (logits: Float32Array) => number;
  /** The probability of every token, `[V]`. */
  readonly probabilities: (logits: Float32Array, temperature: number) => Float64Array | Float32Array;
}

/** The tensors of one side: of the prompt's pass (S tokens), and of the decode step after it (one token). */
export interface PassTensors {
  readonly prefill: CheckpointTensors;
  readonly step: CheckpointTensors;
}

/** What checkpoints 1 to 11 look at. */
export interface PassEvidence {
  readonly config: Gpt2Config;
  readonly precision: Precision;
  /** Whether activations are 16-bit floats. */
  readonly half: boolean;
  /** Whether a token's logits have the same bits in every step. On a GPU, steps of other lengths add in another order. */
  readonly sameBits: boolean;
  readonly reference: PassTensors;
  /** Before its decode step, a step with another token was run and rewound. */
  readonly engine: PassTensors & {
    /** The logits `[V]` that a completion would get for the prompt, from the untapped call. */
    readonly selected: Float32Array;
  };
  readonly sampler: CheckpointSampler;
}

/** What checkpoint 12 looks at. */
export interface ContinuationEvidence {
  readonly precision: Precision;
  /** The reference's own greedy continuation. */
  readonly reference: readonly number[];
  readonly engine: readonly number[];
  /** At each of the engine's tokens: the reference's largest logit, after the same tokens, minus that of the engine's token. */
  readonly deficits: readonly number[];
  /** How far a logit of the engine may be off, from checkpoint 8. */
  readonly logitTolerance: number;
  readonly published: readonly PublishedEvidence[];
}

/** A published continuation beside what the engine makes of its prompt. */
export interface PublishedEvidence {
  readonly known: KnownContinuation;
  readonly engine: readonly number[];
}
