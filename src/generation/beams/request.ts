import type { ForAdapter, FreePrompt, GeneratedText, StopOptions, Timings } from "../request";
import type { Constraint } from "../sampling/constraints/constraint";
import type { SamplingOptions } from "../sampling/options";

/** A text to continue with the likeliest texts that a beam search finds. */
export interface BeamSearchRequest extends ForAdapter {
  readonly prompt: FreePrompt;
  readonly maxTokens: number;
  /** Texts that are continued side by side. */
  readonly beams: number;
  /** How many texts to return, at most `beams`. */
  readonly count: number;
  /** A text's log probability is divided by its number of tokens to this power: above 0 favors long texts. */
  readonly lengthPenalty: number;
  /** Penalties, biases and masks count; nothing is drawn. */
  readonly sampling: SamplingOptions;
  readonly stops?: Pick<StopOptions, "strings" | "tokens">;
  readonly constraint?: Constraint;
}

export interface BeamText extends GeneratedText {
  /** The natural logarithm of the text's probability, with that of its end if the model ended it. */
  readonly logProbability: number;
  /** What texts are ranked by. */
  readonly score: number;
}

/** The best texts, the best first. */
export interface BeamSearchResult {
  readonly texts: readonly BeamText[];
  readonly timings: Timings;
}
