import type { CompletionRequest, SamplingOptions } from "../request";

/** The completion whose prompt is inspected. */
export type InspectedRequest = Pick<CompletionRequest, "prompt" | "maxTokens" | "healing" | "adapter">;

/** A token that may come next. */
export interface TokenCandidate {
  readonly token: number;
  readonly text: string;
  /** -Infinity for a token that may not be chosen there. */
  readonly logit: number;
  /** Softmax over all tokens that may be chosen, at temperature 1. */
  readonly probability: number;
  /** The probability that it is sampled: `probability` after temperature, top-k and top-p, if those were given. */
  readonly chance: number;
  /** 1 for the most likely token. */
  readonly rank: number;
}

export interface CandidatesRequest extends InspectedRequest {
  /** The most candidates to return. */
  readonly count: number;
  /** The options for {@link TokenCandidate.chance}. */
  readonly sampling?: Omit<SamplingOptions, "seed">;
  /** Return only tokens that contain this text, or have this id. */
  readonly search?: string;
}

/** The tokens that a completion would choose its first token from. */
export interface NextTokens {
  /** The text that healing rolled back: only tokens that are consistent with it may be chosen. Empty if nothing was rolled back. */
  readonly rolledBack: string;
  /** How many tokens may be chosen. */
  readonly choices: number;
  /** The most likely first. */
  readonly candidates: readonly TokenCandidate[];
}

/** Which part of the prompt a token belongs to; `rolledBack` is the end of the prefix that token healing makes the model choose again. */
export type PromptSegment = "special" | "suffix" | "header" | "prefix" | "rolledBack";

export interface InspectedToken {
  readonly token: number;
  readonly text: string;
  readonly segment: PromptSegment;
  /** How well the model predicted this token from those before it; undefined for the first one. */
  readonly prediction: TokenPrediction | undefined;
}

/** How well the model predicted a token. */
export interface TokenPrediction {
  /** −log₂ of the token's probability, in bits. */
  readonly surprisal: number;
  /** The entropy of the predicted distribution, in bits. */
  readonly entropy: number;
  /** 1 if the token was the most likely one. */
  readonly rank: number;
}

/** The tokens that the model reads for a completion, in order. */
export interface PromptInspection {
  readonly tokens: readonly InspectedToken[];
  /** Where the window begins, in UTF-16 units of the prompt's `prefix`. 0 if the window holds the whole prefix. */
  readonly windowStart: number;
  /** The number of positions that the model supports. */
  readonly contextLength: number;
}

/** A token of a {@link PromptInspection}. */
export interface InspectedPosition extends InspectedRequest {
  /** Its index in {@link PromptInspection.tokens}. */
  readonly position: number;
}

/** What the model would predict if a block were its last one: the block's output through the final norm and the head. */
export interface LensLayer {
  /** The index of the block. */
  readonly layer: number;
  /** What it would predict after the token, the most likely first. */
  readonly candidates: readonly TokenCandidate[];
}

/** The attention weights of one token in one layer. */
export interface AttentionRows {
  /** For each head the weights over the tokens from the first to itself; they add up to 1. */
  readonly heads: readonly Float32Array[];
}
