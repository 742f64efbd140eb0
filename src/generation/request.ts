import type { SamplingOptions } from "./sampling/options";

export type { SamplingOptions };

/** What a completion starts from. The texts are already cut to a window (see `completion/prompt`). */
export interface Prompt {
  /** A comment line with the path, ending in a newline, or empty. */
  readonly header: string;
  /** Text before the cursor, from the window's anchor on. */
  readonly prefix: string;
  /** Text behind the cursor; empty for a model without fill-in-the-middle tokens. */
  readonly suffix: string;
}

/** `line`: the rest of the line. `block`: until the block that the cursor stands in is done. `none`: until the end of text. */
export type StopRule = "line" | "block" | "none";

export interface CompletionRequest {
  readonly prompt: Prompt;
  readonly stop: StopRule;
  /** Tokens at most. */
  readonly maxTokens: number;
  readonly sampling: SamplingOptions;
  /** Take back a token that the cursor cuts and let the model choose again. */
  readonly healing: boolean;
}

/** Several completions at one cursor: one for each way of sampling. */
export interface AlternativesRequest extends Omit<CompletionRequest, "sampling"> {
  readonly samplings: readonly SamplingOptions[];
}

/** Free text that is continued, for Generate and the command line: from text, or from token ids as they are. */
export interface GenerateRequest {
  readonly prompt: string | readonly number[];
  readonly maxTokens: number;
  readonly sampling: SamplingOptions;
}

/** The same in several ways: one text for each way of sampling. */
export interface GenerateSeveralRequest extends Omit<GenerateRequest, "sampling"> {
  readonly samplings: readonly SamplingOptions[];
}

/** Where the time of one request went, in milliseconds, and how much was computed, in tokens. */
export interface Timings {
  /** From the request's arrival to its start: what ran before it. */
  readonly queueMs: number;
  readonly tokenizeMs: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
  /** From arrival to the first text. */
  readonly firstTokenMs: number;
  readonly totalMs: number;
  readonly promptTokens: number;
  /** Tokens of the prompt that were in the cache. */
  readonly cachedTokens: number;
  readonly newTokens: number;
  /** Tokens that were drafted, and how many of them the model agreed with. */
  readonly draftedTokens: number;
  readonly acceptedTokens: number;
}

/** One of several texts, as in {@link GenerationResult}. */
export type Alternative = Pick<GenerationResult, "text" | "tokens" | "finish">;

export interface GenerationResult {
  /** The text behind the cursor; what healing took back is not repeated in it. */
  readonly text: string;
  /** The tokens as the model made them (with healing, the first ones repeat what was taken back). */
  readonly tokens: readonly number[];
  readonly promptTokens: readonly number[];
  readonly finish: "stop" | "length" | "endOfText" | "cancelled" | "context";
  readonly timings: Timings;
}

/** Several texts behind one prompt. */
export interface SeveralTexts {
  readonly promptTokens: readonly number[];
  readonly texts: readonly Alternative[];
  /** Of all together. */
  readonly timings: Timings;
}
