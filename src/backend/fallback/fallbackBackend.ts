import type { LineScore, ScoreRequest } from "../../generation/ranking/scoreLines";
import type { AlternativesRequest, CompletionRequest } from "../../generation/request";
import type {
  BackendDescription,
  BackendState,
  BackendText,
  CompletionBackend,
  ReadAheadRequest,
  ModelInspection,
  RequestOptions,
  ServerPresence,
  StreamOptions,
  TextRequest,
  TextTimings,
  TimedText,
} from "../backend";
import { Listeners } from "../listeners";
import type { TextsOptions, TextsRequest, WrittenTexts } from "../texts";
import { needsLocalModel } from "../server/texts";
import type { ServerBackend } from "../server/serverBackend";
import { RoutedInspection } from "./routedInspection";
import { ServerWatch } from "./serverWatch";

export interface FallbackOptions {
  readonly local: CompletionBackend & { readonly inspection: ModelInspection };
  /** Called once when the server stops being used, and not again until it has answered. */
  readonly onProblem: (problem: Error) => void;
  readonly log: { info(message: string): void; warn(message: string): void };
}

/** A server to use. */
export interface ServerChoice {
  readonly backend: ServerBackend;
  /** Milliseconds that are spent on waiting for its first text. */
  readonly timeoutMs: number;
}

/**
 * A server with the local engine as its fallback. Where no server is set up, it is the local engine. When the server does not answer in
 * time, the local engine answers this request; when it fails, the local engine takes over until the server can be reached again.
 */
export class FallbackBackend implements CompletionBackend, Disposable {
  readonly #options: FallbackOptions;
  readonly #states = new Listeners<BackendState>();
  readonly #finished = new Listeners<TextTimings>();
  readonly #localSubscriptions: readonly Disposable[];
  #watch: ServerWatch | undefined;
  #otherTexts: readonly string[] = [];

  readonly inspection: ModelInspection;

  constructor(options: FallbackOptions) {
    this.#options = options;
    const { local } = options;
    this.inspection = new RoutedInspection(local.inspection, () => this.#watch?.usedNow);
    this.#localSubscriptions = [
      local.onDidChangeState(() => this.#changed()),
      local.onDidFinish((timings) => this.#finished.fire(timings)),
    ];
  }

  /** Uses another server, or none. */
  useServer(choice: ServerChoice | undefined): void {
    this.#watch?.[Symbol.dispose]();
    const { onProblem, log } = this.#options;
    this.#watch =
      choice &&
      new ServerWatch({
        ...choice,
        ...{ onProblem, log },
        onDidChange: () => this.#changed(),
        onDidFinish: (timings) => this.#finished.fire(timings),
      });
    void choice?.backend.otherTexts(this.#otherTexts);
    this.#changed();
  }

  get state(): BackendState {
    const server = this.#watch?.usedNow;
    // While the server is asked what it is, and after it has failed, what counts is the local engine.
    return server && server.state.kind !== "failed" ? server.state : this.#options.local.state;
  }

  get server(): ServerPresence | undefined {
    return this.#watch?.presence;
  }

  onDidChangeState(listener: (state: BackendState) => void): Disposable {
    return this.#states.add(listener);
  }

  onDidFinish(listener: (timings: TextTimings) => void): Disposable {
    return this.#finished.add(listener);
  }

  async describe(): Promise<BackendDescription> {
    return (await this.#watch?.ready())?.describe() ?? this.#options.local.describe();
  }

  complete(request: CompletionRequest, options: StreamOptions = {}): Promise<TimedText> {
    return this.#serve(
      options,
      (server, own) => server.complete(request, own),
      () => this.#options.local.complete(request, options),
    );
  }

  async completeAhead(request: CompletionRequest, options?: RequestOptions): Promise<BackendText> {
    if (this.#watch?.usedNow) return { text: "", finish: "cancelled" };
    return this.#options.local.completeAhead(request, options);
  }

  alternatives(request: AlternativesRequest, options: RequestOptions = {}): Promise<readonly BackendText[]> {
    return this.#serve(
      options,
      (server, own) => server.alternatives(request, own),
      () => this.#options.local.alternatives(request, options),
    );
  }

  scoreLines(request: ScoreRequest, options: RequestOptions = {}): Promise<readonly LineScore[]> {
    return this.#serve(
      options,
      (server, own) => server.scoreLines(request, own),
      () => this.#options.local.scoreLines(request, options),
    );
  }

  async readAhead(request: ReadAheadRequest, options?: RequestOptions): Promise<unknown> {
    return this.#watch?.usedNow ? undefined : this.#options.local.readAhead(request, options);
  }

  /** A text that must match something comes from the local engine. One that the server began is not begun again: its failure is thrown. */
  generate(request: TextRequest, options: StreamOptions = {}): Promise<TimedText> {
    const local = () => this.#options.local.generate(request, options);
    if (request.constraint) return local();
    return this.#serve(options, (server, own) => server.generate(request, own), local, "keep what has begun");
  }

  generateTexts(request: TextsRequest, options: TextsOptions = {}): Promise<WrittenTexts> {
    const { onGrowth, signal } = options;
    const local = () => this.#options.local.generateTexts(request, options);
    if (needsLocalModel(request)) return local();
    const askServer = (server: ServerBackend, own: StreamOptions) =>
      server.generateTexts(request, {
        ...(own.signal && { signal: own.signal }),
        onGrowth: (growth) => {
          own.onText?.(growth.text);
          onGrowth?.(growth);
        },
      });
    return this.#serve(signal ? { signal } : {}, askServer, local, "keep what has begun");
  }

  async otherTexts(texts: readonly string[]): Promise<void> {
    this.#otherTexts = texts;
    await Promise.all([this.#options.local.otherTexts(texts), this.#watch?.backend.otherTexts(texts)]);
  }

  async restart(): Promise<void> {
    await this.#watch?.restart();
    await this.#options.local.restart();
  }

  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
    for (const subscription of this.#localSubscriptions) subscription[Symbol.dispose]();
  }

  async #serve<T>(
    options: StreamOptions,
    ask: (server: ServerBackend, own: StreamOptions) => Promise<T>,
    askLocal: () => Promise<T>,
    whenCut: "keep what has begun" | "start over" = "start over",
  ): Promise<T> {
    const watch = this.#watch;
    const server = await watch?.ready(options.signal);
    if (!watch || !server) return askLocal();
    const answer = await watch.ask((own) => ask(server, own), options, whenCut);
    return answer === undefined ? askLocal() : answer.value;
  }

  #changed(): void {
    this.#states.fire(this.state);
  }
}
