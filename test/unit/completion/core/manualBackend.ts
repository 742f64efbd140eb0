import type { LineScore, ScoreRequest } from "../../../../src/generation/ranking/scoreLines";
import type { BackendDescription, BackendState, BackendText, GhostTextBackend } from "../../../../src/backend/backend";
import type {
  AlternativesRequest,
  CompletionRequest,
  GenerationResult,
  Prompt,
  Timings,
} from "../../../../src/generation/request";
import { readyWith } from "../../../fixtures/backend";

/** A request that a test answers by hand. */
export interface OpenRequest {
  readonly request: CompletionRequest;
  readonly signal: AbortSignal;
  grow(text: string): void;
  finish(text: string): void;
  fail(error: Error): void;
}

const timings: Timings = {
  queueMs: 0,
  tokenizeMs: 0,
  prefillMs: 0,
  decodeMs: 0,
  firstTokenMs: 0,
  totalMs: 0,
  promptTokens: 0,
  cachedTokens: 0,
  newTokens: 0,
  draftedTokens: 0,
  acceptedTokens: 0,
};

export function generated(text: string, finish: GenerationResult["finish"] = "stop"): GenerationResult {
  return { text, tokens: [], promptTokens: [], finish, timings };
}

/** A backend whose requests stay open until the test ends them. Stopped ones end by themselves, as with a real one. */
export class ManualBackend implements GhostTextBackend {
  /** Without scores: the model's text is what is suggested, unless a test asks for more. */
  state: BackendState = readyWith({ lineScores: false });
  /** What {@link scoreLines} answers. */
  scores: (request: ScoreRequest) => readonly LineScore[] = () => [];
  readonly scored: ScoreRequest[] = [];
  readonly requests: OpenRequest[] = [];
  /** Those for cursors that may come to be. */
  readonly ahead: OpenRequest[] = [];
  /** Requests for alternatives, and what answers the last one. */
  readonly asked: AlternativesRequest[] = [];
  answerAlternatives: (texts: readonly string[] | Error) => void = () => undefined;
  /** The prompts whose next window was to be read. */
  readonly read: Prompt[] = [];

  describe(): Promise<BackendDescription> {
    return Promise.resolve(readyWith().description);
  }

  complete(
    request: CompletionRequest,
    { signal, onText }: { signal: AbortSignal; onText: (text: string) => void },
  ): Promise<GenerationResult> {
    return this.#open(this.requests, request, signal, onText);
  }

  completeAhead(request: CompletionRequest, { signal }: { signal: AbortSignal }): Promise<GenerationResult> {
    return this.#open(this.ahead, request, signal, () => undefined);
  }

  alternatives(request: AlternativesRequest, { signal }: { signal: AbortSignal }) {
    this.asked.push(request);
    return new Promise<readonly BackendText[]>((resolve, reject) => {
      signal.addEventListener("abort", () => resolve(request.samplings.map(() => generated("", "cancelled"))));
      this.answerAlternatives = (texts) =>
        texts instanceof Error ? reject(texts) : resolve(texts.map((text) => generated(text)));
    });
  }

  scoreLines(request: ScoreRequest): Promise<readonly LineScore[]> {
    this.scored.push(request);
    return Promise.resolve(this.scores(request));
  }

  readAhead({ prompt }: { prompt: Prompt }): Promise<void> {
    this.read.push(prompt);
    return Promise.resolve();
  }

  #open(list: OpenRequest[], request: CompletionRequest, signal: AbortSignal, grow: (text: string) => void) {
    return new Promise<GenerationResult>((resolve, reject) => {
      signal.addEventListener("abort", () => resolve(generated("", "cancelled")));
      const finish = (text: string) => resolve(generated(text));
      list.push({ request, signal, grow, finish, fail: reject });
    });
  }

  /** The newest request. */
  get last(): OpenRequest {
    const last = this.requests.at(-1);
    if (!last) throw new Error("The backend was not asked.");
    return last;
  }
}
