import type { LineScore, ScoreRequest } from "../../generation/ranking/scoreLines";
import { InputError } from "../../generation/errors";
import type { CandidatesRequest, NextTokens } from "../../generation/inspection/requests";
import type { AlternativesRequest, CompletionRequest, Timings } from "../../generation/request";
import type {
  BackendDescription,
  BackendState,
  BackendText,
  CompletionBackend,
  RequestOptions,
  ServerPresence,
  StreamOptions,
  TextRequest,
} from "../backend";
import { Listeners } from "../listeners";
import { longestTimeout } from "../longestTimeout";
import type { TextsOptions, TextsRequest, WrittenTexts } from "../texts";
import { readAnswer, type ServerAnswer } from "./answer";
import { nextTokensView } from "./candidates";
import { connect, type OpenConnection } from "./connection";
import { ServerError } from "./errors";
import type { Fetch } from "./http/fetch";
import { Lane } from "./http/lane";
import type { ServerRequest } from "./protocols/protocol";
import { RequestBuilder } from "./requestBuilder";
import type { ServerSettings } from "./settings";
import { completionRules, type TextRules } from "./text";
import { writeTexts } from "./texts";
import type { ServerTimings } from "./timings";

export interface ServerBackendOptions {
  readonly settings: ServerSettings;
  readonly fetch: Fetch;
  /** Called before text of a document is sent. */
  readonly onSend?: (host: string) => void;
  readonly log: { info(message: string): void; warn(message: string): void };
}

/** Requests whose timings are remembered for the diagnostics. */
const remembered = 100;

/** The share of the time limit in which lines are scored; scoring comes after the text. */
const scoringShare = 0.3;

/** Refusals in a row after which lines are not scored any more: one alone may be a bad moment of the server. */
const mostRefusals = 3;

const cancelled = { text: "", finish: "cancelled" } as const;

/**
 * A server as a backend. For each purpose (typing, Generate, the panel) at most one request is in flight and one waits; aborting a request
 * closes its connection, which frees the server's slot.
 */
export class ServerBackend implements CompletionBackend {
  readonly #options: ServerBackendOptions;
  readonly #states = new Listeners<BackendState>();
  readonly #finished = new Listeners<ServerTimings>();
  readonly #lanes = { typing: new Lane(), generate: new Lane(), panel: new Lane() };
  readonly #builder = new RequestBuilder();
  #state: BackendState = { kind: "idle" };
  #connection: Promise<OpenConnection> | undefined;
  #recent: Timings[] = [];
  /** Requests for scores that were refused since the last one that was answered. */
  #refusals = 0;

  constructor(options: ServerBackendOptions) {
    this.#options = options;
  }

  readonly inspection = undefined;

  get state(): BackendState {
    return this.#state;
  }

  get server(): ServerPresence {
    return { host: this.#options.settings.url.host, isUsed: true, problem: undefined };
  }

  /** Timings of the last requests, the newest last. */
  get recent(): readonly Timings[] {
    return this.#recent;
  }

  onDidChangeState(listener: (state: BackendState) => void): Disposable {
    return this.#states.add(listener);
  }

  onDidFinish(listener: (timings: ServerTimings) => void): Disposable {
    return this.#finished.add(listener);
  }

  /** @throws ServerError */
  async describe(): Promise<BackendDescription> {
    return describeConnection(await this.#connect());
  }

  async complete(request: CompletionRequest, options: StreamOptions = {}) {
    const connection = await this.#connect();
    const { prompt, stop } = request;
    const built = this.#builder.completion(request, connection);
    const rules = completionRules(built.typed, stop, prompt);
    const answer = await this.#lanes.typing.run(() => this.#write(built, rules, connection, options), options.signal);
    return answer ? this.#report(answer) : { ...cancelled, timings: noTimings };
  }

  /** Not offered: it would take the server's time from other people. */
  completeAhead(): Promise<BackendText> {
    return Promise.resolve(cancelled);
  }

  /** One after the other: the server has the prompt in its cache. */
  async alternatives({ samplings, ...request }: AlternativesRequest, options: RequestOptions = {}) {
    const texts: BackendText[] = [];
    for (const sampling of samplings) {
      if (options.signal?.aborted) texts.push(cancelled);
      else texts.push(await this.complete({ ...request, sampling }, options));
    }
    return texts;
  }

  async scoreLines(request: ScoreRequest, { signal }: RequestOptions = {}): Promise<readonly LineScore[]> {
    const connection = await this.#connect();
    const budgetMs = scoringShare * this.#options.settings.timeoutMs;
    const lines = { ...this.#builder.lines(request, connection), budgetMs };
    const score = async () => {
      this.#announce();
      try {
        const scores = await connection.protocol.scoreLines(lines, connection, signal);
        this.#refusals = 0;
        return scores;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        if (++this.#refusals === mostRefusals) this.#stopScoring(connection, error);
        return [];
      }
    };
    return (await this.#lanes.typing.run(() => unlessAborted(score(), signal), signal)) ?? [];
  }

  readAhead(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** @throws InputError for a text that must match something: servers differ too much in that */
  async generate(request: TextRequest, options: StreamOptions = {}) {
    if (request.constraint) throw new InputError("A text that must match a pattern needs the local model.");
    const connection = await this.#connect();
    const built = this.#builder.freeText(request, connection);
    const rules = { typed: "", doneAt: () => undefined };
    const { maxMs } = request.stops ?? {};
    const timeUp = maxMs === undefined ? undefined : AbortSignal.timeout(Math.min(Math.ceil(maxMs), longestTimeout));
    const signal = anyOf(options.signal, timeUp);
    const write = () => this.#write(built, rules, connection, { ...options, ...(signal && { signal }) });
    const answer = await this.#lanes.generate.run(write, signal);
    if (!answer) return { ...cancelled, timings: noTimings };
    const isLate = answer.finish === "cancelled" && options.signal?.aborted !== true && timeUp?.aborted === true;
    return this.#report(isLate ? { ...answer, finish: "time" } : answer);
  }

  /** One after the other. @throws InputError for what servers do not have */
  generateTexts(request: TextsRequest, options: TextsOptions = {}): Promise<WrittenTexts> {
    return writeTexts(request, options, (one, own) => this.generate(one, own));
  }

  /** The likeliest next tokens at a cursor, for the diagnostics; none when the request was stopped. */
  async nextTokens(request: CandidatesRequest, { signal }: RequestOptions = {}): Promise<NextTokens> {
    const connection = await this.#connect();
    const built = this.#builder.inspected(request, connection);
    const ask = async () => {
      this.#announce();
      return connection.protocol.nextTokens(built, request.count, connection, signal);
    };
    const tokens = await this.#lanes.panel.run(() => unlessAborted(ask(), signal), signal);
    return nextTokensView(tokens ?? [], request);
  }

  otherTexts(texts: readonly string[]): Promise<void> {
    this.#builder.otherTexts = texts;
    return Promise.resolve();
  }

  restart(): Promise<void> {
    this.#connection = undefined;
    this.#refusals = 0;
    this.#become({ kind: "idle" });
    return Promise.resolve();
  }

  #connect(): Promise<OpenConnection> {
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async #open(): Promise<OpenConnection> {
    const { settings, fetch, log } = this.#options;
    this.#become({ kind: "loading" });
    try {
      const connection = await connect(settings, fetch);
      const { protocol, facts, fim, http } = connection;
      const middle = fim.kind === "none" ? "the text after the cursor is not used" : "fills in the middle";
      log.info(
        `${http.host} runs ${facts.model} (${protocol.kind}): ${middle}, log-probabilities: ${facts.logProbabilities}.`,
      );
      this.#become({ kind: "ready", description: describeConnection(connection) });
      return connection;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      this.#become({ kind: "failed", error: failure });
      throw failure;
    }
  }

  async #write(
    request: ServerRequest,
    rules: TextRules,
    { protocol, facts, http }: OpenConnection,
    { signal, onText }: StreamOptions,
  ): Promise<ServerAnswer> {
    this.#announce();
    const parser = protocol.parser();
    try {
      return await readAnswer({ http, request: protocol.textRequest(request, facts), parser, rules, signal, onText });
    } catch (error) {
      if (error instanceof ServerError && error.problem === "tooLong") this.#builder.shorten();
      throw error;
    }
  }

  /** Goes on without log-probabilities of lines: the server has said that it gives them, but fails to. */
  #stopScoring(connection: OpenConnection, error: ServerError): void {
    const facts = { ...connection.facts, logProbabilities: "generated" } as const;
    this.#connection = Promise.resolve({ ...connection, facts });
    this.#options.log.warn(`Lines are not ranked any more. ${error.message}`);
    this.#become({ kind: "ready", description: describeConnection({ ...connection, facts }) });
  }

  #report(answer: ServerAnswer): ServerAnswer {
    if (answer.finish === "cancelled") return answer;
    this.#recent = [...this.#recent.slice(1 - remembered), answer.timings];
    this.#finished.fire(answer.timings);
    return answer;
  }

  #announce(): void {
    this.#options.onSend?.(this.#options.settings.url.host);
  }

  #become(state: BackendState): void {
    this.#state = state;
    this.#states.fire(state);
  }
}

function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}

/** Whether a server has answered that it cannot do something, rather than failed to answer. */
function isRefusal(error: unknown): error is ServerError {
  return error instanceof ServerError && ["failed", "missing", "notJson"].includes(error.problem);
}

/** Undefined when it fails because it was aborted. */
async function unlessAborted<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (signal?.aborted) return undefined;
    throw error;
  }
}

const noTimings: ServerTimings = {
  ...{ queueMs: 0, tokenizeMs: 0, prefillMs: 0, decodeMs: 0, firstTokenMs: 0, totalMs: 0 },
  ...{ promptTokens: 0, cachedTokens: 0, newTokens: 0, draftedTokens: 0, acceptedTokens: 0 },
};

function describeConnection({ facts, fim, http }: OpenConnection): BackendDescription {
  return {
    name: `${facts.model} (${http.host})`,
    capabilities: {
      fillInTheMiddle: fim.kind !== "none",
      alternatives: true,
      lineScores: facts.logProbabilities === "lines",
      readAhead: false,
      texts: { tokens: false, constraints: false, beams: false },
      inspection: facts.logProbabilities === "none" ? "none" : "candidates",
      checkpoints: false,
    },
  };
}
