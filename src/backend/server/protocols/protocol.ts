import type { SamplingOptions } from "../../../generation/request";
import type { LineScore } from "../../../generation/ranking/scoreLines";
import type { HttpClient, HttpRequest } from "../http/client";
import type { ServerKind } from "../settings";

/** What is known of a server and its model before it is asked for text. */
export interface ServerFacts {
  /** The model's name; sent with requests. */
  readonly model: string;
  /** Positions of its context in tokens; undefined where the server does not say. */
  readonly contextLength: number | undefined;
  /** How the server renders a prompt with a suffix by itself: llama.cpp's `/infill`, Ollama's `suffix`, or not at all. */
  readonly ownFim: "infill" | "suffix" | undefined;
  /** Which log-probabilities it gives: of candidate lines as well, of generated tokens only, or none. */
  readonly logProbabilities: "lines" | "generated" | "none";
  /** The most alternatives that it lists with a token. */
  readonly maxAlternatives: number;
}

/** A prompt as it is sent: text, or parts that the server renders. */
export type ServerPrompt =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "parts";
      readonly prefix: string;
      readonly suffix: string;
      /** Other documents that help. */
      readonly extra: readonly string[];
    };

/** The texts of a prompt, none of which may show in an error. @param typed what is sent after it */
export function textsOf(prompt: ServerPrompt, typed = ""): readonly string[] {
  return prompt.kind === "text" ? [prompt.text + typed] : [prompt.prefix + typed, prompt.suffix, ...prompt.extra];
}

/** What is asked of a server. */
export interface ServerRequest {
  readonly prompt: ServerPrompt;
  /** A text that the answer has to begin with, where {@link ServerProtocol.healing} is `piece`. */
  readonly typed: string;
  readonly maxTokens: number;
  readonly sampling: Pick<SamplingOptions, "temperature" | "topK" | "topP" | "seed">;
  /** Texts that end the answer. */
  readonly stop: readonly string[];
}

/** Counts and times that a server reports with an answer, as far as it does. */
export interface ServerUsage {
  readonly promptTokens?: number | undefined;
  /** Tokens of the prompt that were in its cache. */
  readonly cachedTokens?: number | undefined;
  readonly newTokens?: number | undefined;
  readonly prefillMs?: number | undefined;
  readonly decodeMs?: number | undefined;
}

/** A part of an answer. */
export interface AnswerPart {
  readonly text: string;
  /** Set with the last part. */
  readonly finish?: "endOfText" | "length";
  readonly usage?: ServerUsage;
  /** The server's own message, not cleaned, when it fails in the middle of an answer. */
  readonly error?: string;
}

/** Parses an answer whose bytes arrive in pieces. @throws ServerError for what cannot be parsed */
export interface AnswerParser {
  push(bytes: Uint8Array): readonly AnswerPart[];
  /** The parts that were missing an end. */
  end(): readonly AnswerPart[];
}

/** A token that may come next, with the natural logarithm of its probability. */
export interface NextToken {
  /** -1 where the server does not say. */
  readonly token: number;
  readonly text: string;
  readonly logProbability: number;
}

/** What a protocol is used with. */
export interface ServerConnection {
  readonly http: HttpClient;
  readonly facts: ServerFacts;
}

/** Lines that may follow a prompt. */
export interface LinesRequest {
  readonly prompt: ServerPrompt;
  /** What healing removed from the prompt's end: lines come after it. */
  readonly typed: string;
  readonly lines: readonly string[];
  /** The texts that must not show in an error. */
  readonly secretTexts: readonly string[];
  /** Milliseconds after which no further line is scored, where each takes requests of its own. */
  readonly budgetMs: number;
}

/** How a kind of server is talked to: pure descriptions of requests and answers, and the calls that take several of them. */
export interface ServerProtocol {
  readonly kind: ServerKind;
  /** How much of the prompt's end the server can be made to write again; see `healing.ts`. */
  readonly healing: "piece" | "space";
  /** Whether the server is of this kind. Fails as `describe` does when the server cannot be asked. */
  recognize(http: HttpClient): Promise<boolean>;
  /** @param model as the settings name it; empty for the server's own choice */
  describe(http: HttpClient, model: string): Promise<ServerFacts>;
  /** The request for a streamed text. */
  textRequest(request: ServerRequest, facts: ServerFacts): HttpRequest;
  parser(): AnswerParser;
  /** The likeliest next tokens, where {@link ServerFacts.logProbabilities} has those of generated tokens. */
  nextTokens(
    request: ServerRequest,
    count: number,
    connection: ServerConnection,
    signal: AbortSignal | undefined,
  ): Promise<readonly NextToken[]>;
  /** Log-probabilities of lines, where {@link ServerFacts.logProbabilities} is `lines`. */
  scoreLines(
    request: LinesRequest,
    connection: ServerConnection,
    signal: AbortSignal | undefined,
  ): Promise<readonly LineScore[]>;
}
