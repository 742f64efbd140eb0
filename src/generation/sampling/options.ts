/** How tokens are chosen. What is left out is off and costs nothing. */
export interface SamplingOptions {
  /** Below 1e-6 the largest logit is taken, the first one on ties. */
  readonly temperature: number;
  /** 0: all tokens. */
  readonly topK: number;
  /** 1: all tokens. */
  readonly topP: number;
  readonly seed: number;
  /** Keeps the tokens that are more than this share as probable as the likeliest one; 0: all tokens. */
  readonly minP?: number;
  /** Keeps the tokens whose surprise is nearest to the expected one, up to this mass; 1: all tokens. */
  readonly typicalP?: number;
  readonly mirostat?: MirostatOptions;
  /** Subtracted from the logit of a generated token, once for each time that it occurs. */
  readonly frequencyPenalty?: number;
  /** Subtracted from the logit of a token that was generated. */
  readonly presencePenalty?: number;
  /** Divides the positive and multiplies the negative logits of tokens in the prompt or the text; 1: off. */
  readonly repetitionPenalty?: number;
  readonly dry?: DryOptions;
  /** Added to the logits of tokens. */
  readonly logitBias?: readonly TokenBias[];
  /** The only tokens that may be chosen. */
  readonly allowedTokens?: readonly number[];
  /** Tokens that are never chosen. */
  readonly forbiddenTokens?: readonly number[];
  /** Where random numbers come from; mulberry32 with the seed unless given. */
  readonly randomStream?: ThreefryStream;
}

export interface TokenBias {
  readonly token: number;
  readonly bias: number;
}

/** DRY: a token that would continue a repetition is the less likely the longer the repetition is already. */
export interface DryOptions {
  /** 0: off. */
  readonly multiplier: number;
  /** The penalty grows by this factor with each token. */
  readonly base: number;
  /** Tokens that may repeat freely. */
  readonly allowedLength: number;
  /** No repetition reaches across a token whose text contains one of these. */
  readonly breakers: readonly string[];
}

/** Mirostat v2: keeps the surprise of the tokens, in bits, near a target. */
export interface MirostatOptions {
  /** The target, in bits. */
  readonly tau: number;
  /** How fast the limit follows. */
  readonly eta: number;
}

/** tinygrad's random numbers: a counter-based stream that the rows of a batch share. */
export interface ThreefryStream {
  readonly kind: "threefry";
  /** Numbers that were drawn before: tinygrad initializes a model's weights from the same stream. */
  readonly counter: number;
  /** The text's row in its batch. */
  readonly row: number;
  readonly rows: number;
}
