import type { Constraint } from "../generation/sampling/constraints/constraint";
import type { ChosenToken } from "../generation/sampling/logProbabilities";
import type { SamplingOptions } from "../generation/sampling/options";
import type { ForAdapter, GenerationResult, StopOptions } from "../generation/request";
import type { RequestOptions, TextTimings } from "./options";

/** What {@link CompletionBackend.generateTexts} offers besides several texts with stop strings, as a stream. */
export interface TextCapabilities {
  /** Each token comes with its log probability and its alternatives, and a text can go on after any of its tokens. */
  readonly tokens: boolean;
  /** {@link TextsRequest.constraint}. */
  readonly constraints: boolean;
  /** {@link TextsRequest.beams}. */
  readonly beams: boolean;
}

/** Several texts after one prompt. */
export interface TextsRequest extends ForAdapter {
  readonly prompt: string;
  /** The first tokens of a text that the backend wrote after this prompt. The texts begin with what they stand for. */
  readonly written?: readonly number[];
  /** The maximum number of new tokens of each text. */
  readonly maxTokens: number;
  /** How each text is sampled. */
  readonly samplings: readonly SamplingOptions[];
  readonly stops?: Pick<StopOptions, "strings" | "maxMs" | "contextEnd">;
  /** What the texts must match. */
  readonly constraint?: Constraint;
  /**
   * Looks for the likeliest texts instead of drawing them, with the first of the samplings; `maxMs`, `contextEnd` and
   * `written` do not apply.
   */
  readonly beams?: { readonly count: number; readonly lengthPenalty: number };
  /** How many alternatives to list for each token. */
  readonly alternatives: number;
}

/** A text that was written. */
export interface WrittenText extends Pick<GenerationResult, "text" | "finish"> {
  /** Its new tokens; none where the backend does not tell them. Together their texts begin with the new part of the text. */
  readonly tokens: readonly ChosenToken[];
}

/** Texts in the order of the request. */
export interface WrittenTexts {
  readonly texts: readonly WrittenText[];
  readonly timings: TextTimings;
}

/** One of the texts as it grows. */
export interface TextGrowth {
  /** Its number in the request, from 0 on. */
  readonly index: number;
  /** The text so far. */
  readonly text: string;
  /** The token that was added, where the backend tells it. */
  readonly token?: ChosenToken;
}

export interface TextsOptions extends RequestOptions {
  readonly onGrowth?: (growth: TextGrowth) => void;
}
