import type { EngineClient } from "../engine/client";
import type { ModelDescription } from "../engine/protocol";
import type { LineScore, ScoreRequest } from "../generation/ranking/scoreLines";
import type { AlternativesRequest, CompletionRequest, GenerateRequest, GenerationResult } from "../generation/request";
import type { RequestOptions, TextTimings } from "./options";
import type { TextCapabilities, TextsOptions, TextsRequest, WrittenTexts } from "./texts";

export type { RequestOptions, TextTimings };

/** A text that a backend wrote, and why it ended. */
export type BackendText = Pick<GenerationResult, "text" | "finish">;

export interface TimedText extends BackendText {
  readonly timings: TextTimings;
}

/** What a backend offers. Features ask for this, never for the kind of backend. */
export interface BackendCapabilities {
  /** The model reads the text after the cursor. */
  readonly fillInTheMiddle: boolean;
  /** {@link CompletionBackend.alternatives} samples more texts than one. */
  readonly alternatives: boolean;
  /** {@link CompletionBackend.scoreLines} gives log-probabilities, so that lines can be ranked. */
  readonly lineScores: boolean;
  /** Work at idle priority never delays a request: {@link CompletionBackend.completeAhead} and `readAhead` are worth calling. */
  readonly readAhead: boolean;
  /**
   * How deep {@link CompletionBackend.inspection} looks: the likeliest next tokens, the logits of each token, or also the outputs and
   * attention of each layer.
   */
  readonly inspection: "none" | "candidates" | "logits" | "layers";
  readonly texts: TextCapabilities;
  /** The twelve checkpoints can be run. */
  readonly checkpoints: boolean;
}

export interface BackendDescription {
  /** The model's name. */
  readonly name: string;
  readonly capabilities: BackendCapabilities;
  /** How the model runs, if the local engine runs it. */
  readonly localModel?: ModelDescription;
}

export type BackendState =
  | { readonly kind: "idle" }
  /** `share`: how much of the model is loaded, 0 to 1, where that is known. */
  | { readonly kind: "loading"; readonly share?: number }
  | { readonly kind: "ready"; readonly description: BackendDescription }
  | { readonly kind: "failed"; readonly error: Error };

export interface StreamOptions extends RequestOptions {
  /** Receives the text as it grows: all of it each time. */
  readonly onText?: (text: string) => void;
}

/** A server that text of documents is sent to. */
export interface ServerPresence {
  readonly host: string;
  /** Whether it completes now; otherwise the local model does. */
  readonly isUsed: boolean;
  /** Why it does not, for a person. */
  readonly problem: string | undefined;
}

/** A prompt whose window may soon move. */
export type ReadAheadRequest = Pick<CompletionRequest, "prompt" | "maxTokens" | "adapter">;

/** Free text to continue. */
export interface TextRequest extends GenerateRequest {
  readonly prompt: string;
}

/** The parts of the local engine that look into its model. Each call starts the engine, except for `stats` and `endInspection`. */
export type ModelInspection = Pick<
  EngineClient,
  "describe" | "inspect" | "textLoss" | "endInspection" | "checkpoints" | "stats"
>;

/**
 * Something that completes text: the local engine, or a server. Prompt parts go in, text comes out as a stream; tokens, weights and the KV
 * cache are the backend's own business. A request starts the backend if it is not running.
 */
export interface CompletionBackend {
  readonly state: BackendState;
  /** Undefined while no server is set up: nothing leaves the machine. */
  readonly server?: ServerPresence | undefined;
  /** Calls `listener` at each change of state. */
  onDidChangeState(listener: (state: BackendState) => void): Disposable;
  /** Calls `listener` with the timings of each completion and generated text. */
  onDidFinish(listener: (timings: TextTimings) => void): Disposable;
  /** Starts the backend if it is not running. @throws the error of the failed state */
  describe(): Promise<BackendDescription>;
  /** Continues at a cursor. */
  complete(request: CompletionRequest, options?: StreamOptions): Promise<TimedText>;
  /** The same at idle priority, for a cursor position that is likely to come next. Its timings are not reported. */
  completeAhead(request: CompletionRequest, options?: RequestOptions): Promise<BackendText>;
  /** Continues at a cursor in several ways; texts that were stopped are `cancelled`. */
  alternatives(request: AlternativesRequest, options?: RequestOptions): Promise<readonly BackendText[]>;
  /** The log-probabilities of lines that may follow a cursor; none when the request was stopped. */
  scoreLines(request: ScoreRequest, options?: RequestOptions): Promise<readonly LineScore[]>;
  /** Prepares, at idle priority, for the prompt after the next move of its window, if that is near. */
  readAhead(request: ReadAheadRequest, options?: RequestOptions): Promise<unknown>;
  /** Continues free text. */
  generate(request: TextRequest, options?: StreamOptions): Promise<TimedText>;
  /** Writes several texts after one prompt. Texts that were stopped are `cancelled`. */
  generateTexts(request: TextsRequest, options?: TextsOptions): Promise<WrittenTexts>;
  /** Replaces the texts of other open documents, which help to complete this one. Never starts the backend. */
  otherTexts(texts: readonly string[]): Promise<void>;
  /** Stops the backend and forgets earlier failures. The next request starts it again. */
  restart(): Promise<void>;
  /** Undefined where {@link BackendCapabilities.inspection} is `none`. */
  readonly inspection: ModelInspection | undefined;
}

/** What a backend offers, once that is known: it is not while no model is open. */
export function capabilitiesOf(state: BackendState): BackendCapabilities | undefined {
  return state.kind === "ready" ? state.description.capabilities : undefined;
}

/** The part of a backend that ghost text uses. */
export type GhostTextBackend = Pick<
  CompletionBackend,
  "state" | "describe" | "complete" | "completeAhead" | "alternatives" | "scoreLines" | "readAhead"
>;
