import type { SamplingOptions } from "./sampling/options";

export type { SamplingOptions };

/** The document around a cursor. The texts are already cut to a window (see `completion/core/prompt.ts`). */
export interface Prompt {
  /** A comment line with the file's path, ending in a newline, or empty. */
  readonly header: string;
  /** Text before the cursor, from the window's anchor on. */
  readonly prefix: string;
  /** Text after the cursor. The layout drops it for a model without fill-in-the-middle tokens. */
  readonly suffix: string;
}

/** `line`: the rest of the line. `block`: to the end of the block around the cursor. `none`: to the model's end of text. */
export type StopRule = "line" | "block" | "none";

export interface CompletionRequest {
  readonly prompt: Prompt;
  readonly stop: StopRule;
  readonly maxTokens: number;
  readonly sampling: SamplingOptions;
  /** Token healing: roll back the token that the cursor cuts and let the model choose it again. */
  readonly healing: boolean;
}

/** Several completions at one cursor, one for each element of `samplings`. */
export interface AlternativesRequest extends Omit<CompletionRequest, "sampling"> {
  readonly samplings: readonly SamplingOptions[];
}

/** A text to continue, for the command Generate and the command line: as text, or as token ids. */
export interface GenerateRequest {
  readonly prompt: string | readonly number[];
  readonly maxTokens: number;
  readonly sampling: SamplingOptions;
}

/** A text to continue several times, once for each element of `samplings`. */
export interface GenerateSeveralRequest extends Omit<GenerateRequest, "sampling"> {
  readonly samplings: readonly SamplingOptions[];
}

/** How long one request took, in milliseconds, and how much it computed, in tokens. */
export interface Timings {
  /** From the request's arrival to its start. */
  readonly queueMs: number;
  readonly tokenizeMs: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
  /** From arrival to the first text. */
  readonly firstTokenMs: number;
  readonly totalMs: number;
  readonly promptTokens: number;
  /** Tokens of the prompt that were in the KV cache. */
  readonly cachedTokens: number;
  readonly newTokens: number;
  /** Tokens that were drafted for speculative decoding. */
  readonly draftedTokens: number;
  /** How many of them the model accepted. */
  readonly acceptedTokens: number;
}

/** One of several texts; the fields are those of {@link GenerationResult}. */
export type Alternative = Pick<GenerationResult, "text" | "tokens" | "finish">;

export interface GenerationResult {
  /** The text to insert after the prompt, without what healing rolled back. */
  readonly text: string;
  /** The tokens as the model produced them: with healing, the first ones repeat what was rolled back. */
  readonly tokens: readonly number[];
  readonly promptTokens: readonly number[];
  readonly finish: "stop" | "length" | "endOfText" | "cancelled" | "context";
  readonly timings: Timings;
}

/** Several texts after one prompt. */
export interface SeveralTexts {
  readonly promptTokens: readonly number[];
  readonly texts: readonly Alternative[];
  /** Of the whole batch. */
  readonly timings: Timings;
}
