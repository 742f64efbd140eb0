import type { CompletionRequest, SamplingOptions } from "../request";

/** A prompt to look into: the one that a completion with these numbers would read. */
export type InspectedRequest = Pick<CompletionRequest, "prompt" | "maxTokens" | "healing">;

/** A token that the model considered. */
export interface TokenCandidate {
  readonly token: number;
  readonly text: string;
  /** -Infinity for a token that may not be chosen there. */
  readonly logit: number;
  /** Softmax over all tokens that may be chosen, at temperature 1. */
  readonly probability: number;
  /** How likely it is drawn: `probability` after temperature, top-k and top-p, where those were given. */
  readonly chance: number;
  /** 1 for the likeliest. */
  readonly rank: number;
}

export interface CandidatesRequest extends InspectedRequest {
  /** Candidates at most. */
  readonly count: number;
  /** What {@link TokenCandidate.chance} is computed with. */
  readonly sampling?: Omit<SamplingOptions, "seed">;
  /** Only tokens whose text contains this, or whose id it is. */
  readonly search?: string;
}

/** What a completion would choose its first token from. */
export interface NextTokens {
  /** The text that healing took off the prompt: the choice is among the tokens that agree with it. Empty where nothing is healed. */
  readonly takenBack: string;
  /** How many tokens the choice is among. */
  readonly choices: number;
  /** The likeliest first. */
  readonly candidates: readonly TokenCandidate[];
}

/** Which part of the prompt a token belongs to; `takenBack` is the end of the prefix that healing has the model choose again. */
export type PromptSegment = "special" | "suffix" | "header" | "prefix" | "takenBack";

export interface InspectedToken {
  readonly token: number;
  readonly text: string;
  readonly segment: PromptSegment;
  /** How unlikely the model held this token, behind those before it. Not known of the first one. */
  readonly expectation: Expectation | undefined;
}

export interface Expectation {
  /** −log₂ of its probability, in bits. */
  readonly surprise: number;
  /** How unsure the model was, in bits: the mean surprise of what it expected there. */
  readonly entropy: number;
  /** 1 if it was the likeliest. */
  readonly rank: number;
}

/** The tokens that the model reads for a completion, in their order. */
export interface PromptInspection {
  readonly tokens: readonly InspectedToken[];
  /** Where the window begins: UTF-16 units of the prompt's `prefix` that stand before it. 0 when all of the prefix is read. */
  readonly windowStart: number;
  /** Positions that the model knows. */
  readonly contextLength: number;
}

/** A token of a {@link PromptInspection}. */
export interface InspectedPosition extends InspectedRequest {
  /** Its index in {@link PromptInspection.tokens}. */
  readonly position: number;
}

/** What the model would say behind a block if that were the last one: the block's output through the final norm and the head. */
export interface LensLayer {
  /** The block, from 0 on. */
  readonly layer: number;
  /** What it would expect behind the token, the likeliest first. */
  readonly candidates: readonly TokenCandidate[];
}

/** How much one token looks at each of the tokens up to itself, in one layer. */
export interface AttentionRows {
  /** For each head a weight per token from the first to itself; they add up to 1. */
  readonly heads: readonly Float32Array[];
}
