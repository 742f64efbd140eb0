import { distinct, sampleAlternatives } from "./alternatives";
import { CompletionCache } from "./cache";
import type { Cursor } from "./cursor";
import type { GhostTextBackend } from "../../backend/backend";
import { IdleWork } from "./idleWork";
import { postprocess, type Suggestion } from "./postprocess/index";
import { requestAt } from "./request";
import { RunningCompletion } from "./runningCompletion";
import type { CompletionSettings } from "./settings";

export interface CompleterOptions {
  readonly backend: GhostTextBackend;
  /** Called once for each failed request, which gives no suggestion. */
  readonly onFailure: (error: unknown) => void;
  /** Milliseconds after which the complete lines of an unfinished text are shown. */
  readonly partialAfterMs?: number;
}

/**
 * Finds the suggestion for a cursor: in the cache; else in the running request, if what was typed since agrees with its text; else with a
 * new request, which stops the older one. Between requests, {@link IdleWork} prepares the next.
 */
export class Completer implements Disposable {
  readonly #options: CompleterOptions;
  readonly #cache = new CompletionCache();
  readonly #idle: IdleWork;
  #running: RunningCompletion | undefined;

  constructor(options: CompleterOptions) {
    this.#options = options;
    const known = {
      has: (cursor: Cursor) => this.#cache.find(cursor) !== undefined || this.#running?.agreesWith(cursor) === true,
      add: (cursor: Cursor, text: string) => this.#cache.add(cursor, text),
    };
    this.#idle = new IdleWork(options.backend, known, options.onFailure);
  }

  /** @param signal ends the wait but not the request: the next keystroke may agree with it. */
  async complete(cursor: Cursor, settings: CompletionSettings, signal: AbortSignal): Promise<Suggestion | undefined> {
    const text = await this.#textAt(cursor, settings, signal);
    if (text === undefined) return undefined;
    const suggestion = postprocess(text, cursor);
    if (settings.idleWork && !signal.aborted) this.#idle.begin(cursor, suggestion, settings);
    return suggestion;
  }

  /**
   * Several different suggestions: that of {@link complete}, then sampled ones.
   * @param signal ends the wait and the sampling
   */
  async alternatives(cursor: Cursor, settings: CompletionSettings, signal: AbortSignal): Promise<Suggestion[]> {
    const first = await this.complete(cursor, settings, signal);
    if (!first || signal.aborted) return [];
    const others = await sampleAlternatives(this.#options.backend, cursor, settings, signal).catch((error: unknown) => {
      this.#options.onFailure(error);
      return [];
    });
    return distinct([first, ...others]);
  }

  /** Stops the running request and the idle work. */
  stop(): void {
    this.#running?.[Symbol.dispose]();
    this.#running = undefined;
    this.#idle.stop();
  }

  /** Stops, and clears the cache: for when the model changes, or a setting that shapes its text. */
  reset(): void {
    this.stop();
    this.#cache.clear();
  }

  [Symbol.dispose](): void {
    this.reset();
  }

  async #textAt(cursor: Cursor, settings: CompletionSettings, signal: AbortSignal): Promise<string | undefined> {
    if (this.#running?.agreesWith(cursor) === false) this.stop();
    const cached = this.#cache.find(cursor);
    if (cached !== undefined) return cached;
    const running = this.#running;
    const agreed = await running?.answer(cursor, signal);
    if (agreed !== undefined || running?.failed) return agreed;
    await pause(settings.delay, signal);
    if (signal.aborted) return undefined;
    const started = await this.#start(cursor, settings, signal);
    return started?.answer(cursor, signal);
  }

  /** Starts a request, unless the backend cannot start or `signal` is aborted meanwhile. */
  async #start(
    cursor: Cursor,
    settings: CompletionSettings,
    signal: AbortSignal,
  ): Promise<RunningCompletion | undefined> {
    const { backend, onFailure, partialAfterMs = 400 } = this.#options;
    try {
      // The time that a model takes to open does not count towards partialAfterMs.
      if (backend.state.kind !== "ready") await backend.describe();
      if (signal.aborted) return undefined;
      this.stop();
      const running = new RunningCompletion(cursor, backend, requestAt(cursor, settings), partialAfterMs);
      this.#running = running;
      running.result.then((text) => {
        if (text !== undefined) this.#cache.add(cursor, text);
      }, onFailure);
      return running;
    } catch (error) {
      onFailure(error);
      return undefined;
    }
  }
}

/** Waits for some milliseconds, or until `signal` is aborted. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0 || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
