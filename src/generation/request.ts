import type { Constraint } from "./sampling/constraints/constraint";
import type { ChosenToken } from "./sampling/logProbabilities";
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

/** Which LoRA adapter of the model a request is for, by its name; the model alone unless given, or where there is none of that name. */
export interface ForAdapter {
  readonly adapter?: string;
}

export interface CompletionRequest extends ForAdapter {
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

/** A prompt for the command Generate and the command line: a text, token ids, or a text that was partly written. */
export type FreePrompt = string | readonly number[] | PartlyWritten;

/** A prompt and the first tokens of a text that was generated after it. The result's text and tokens begin with them. */
export interface PartlyWritten {
  readonly text: string;
  readonly written: readonly number[];
}

/**
 * What happens at the end of the context. `move`: the window over the text moves on by a quarter, to a line start. `rotate`: the same, but
 * the first tokens of the text stay as attention sinks, and the window begins at any token. `stop`: the text ends.
 */
export type ContextEnd = "move" | "rotate" | "stop";

/** How long a text grows, apart from its maximum number of tokens. */
export interface StopOptions {
  /** Texts that end it; they are no part of it. */
  readonly strings?: readonly string[];
  /** Tokens that end it, besides the end of text; they are no part of it. */
  readonly tokens?: readonly number[];
  /** Milliseconds, from the arrival of the request. */
  readonly maxMs?: number;
  /** Whether the model's end of text ends it (default), or is written as a part of it. */
  readonly endOfText?: "stop" | "write";
  /** What happens at the end of the context: the window moves on unless given. */
  readonly contextEnd?: ContextEnd;
}

/** What texts to write, whatever the prompt. */
export interface TextOptions extends ForAdapter {
  readonly maxTokens: number;
  readonly stops?: StopOptions;
  /** What the text must match. */
  readonly constraint?: Constraint;
  /** How many alternatives to list for each token; log probabilities are left out unless given. */
  readonly logProbabilities?: number;
  /** Whether the texts are likely to be continued or branched: each then stays in the KV cache, as far as its budget allows. */
  readonly branchable?: boolean;
  /**
   * Where a text without a prompt begins: after an end of text (default), or with a token that is chosen as if all logits were equal, as
   * tinygrad's example does.
   */
  readonly emptyPrompt?: "endOfText" | "equalLogits";
}

/** A text to continue, for the command Generate and the command line. */
export interface GenerateRequest extends TextOptions {
  readonly prompt: FreePrompt;
  readonly sampling: SamplingOptions;
}

/** Several texts to write: from one prompt, or from several. */
export interface GenerateSeveralRequest extends TextOptions {
  readonly texts: readonly Pick<GenerateRequest, "prompt" | "sampling">[];
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
export type Alternative = Pick<GenerationResult, "text" | "tokens" | "finish" | "choices">;

/**
 * Why a text ended. `stop`: by its stop rule, a stop string or token, or because what it must match is complete. `length`: it has its
 * maximum number of tokens. `endOfText`: the model ended it. `time`: its time was up. `context`: the context is full.
 */
export type FinishReason = "stop" | "length" | "endOfText" | "cancelled" | "time" | "context";

export interface GenerationResult {
  /** The text to insert after the prompt, without what healing rolled back. */
  readonly text: string;
  /** The tokens as the model produced them: with healing, the first ones repeat what was rolled back. */
  readonly tokens: readonly number[];
  readonly promptTokens: readonly number[];
  readonly finish: FinishReason;
  /** For each new token its log probability and the alternatives, where the request asked for them. */
  readonly choices?: readonly ChosenToken[];
  readonly timings: Timings;
}

/** One of several generated texts, with the prompt that it continues. */
export type GeneratedText = Alternative & Pick<GenerationResult, "promptTokens">;

/** Several texts, in the order of the request. */
export interface SeveralTexts {
  readonly texts: readonly GeneratedText[];
  /** Of the whole batch. */
  readonly timings: Timings;
}
