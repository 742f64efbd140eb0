import type { Tokenizer } from "../../../tokenizer/tokenizer";
import type { Distribution } from "../distribution";
import type { SamplingOptions } from "../options";

/** The tokens that come before the one to be chosen. */
export interface TokenHistory {
  /** The prompt, then the text. */
  readonly tokens: readonly number[];
  readonly promptLength: number;
}

/** Changes the logits `[V]` of one position in place. It keeps no state: the same history gives the same change. */
export type LogitsProcessor = (logits: Float32Array, history: TokenHistory) => void;

/** Leaves the tokens of a distribution that may be drawn, at least one. The probabilities of the result add up to 1. */
export type ProbabilityFilter = (distribution: Distribution) => Distribution;

/** What processors need to know of the vocabulary. */
export type VocabularyView = Pick<Tokenizer, "bytes" | "vocabSize">;

/** Makes a processor from the options; undefined where they leave it off. */
export type ProcessorFactory = (options: SamplingOptions, vocabulary: VocabularyView) => LogitsProcessor | undefined;

/** Makes a filter from the options; undefined where they leave it off. */
export type FilterFactory = (options: Omit<SamplingOptions, "seed">) => ProbabilityFilter | undefined;
