import { distinct, sampleAlternatives } from "./alternatives";
import { CompletionCache } from "./cache";
import type { Cursor } from "./cursor";
import type { CompletionEngine } from "./engine";
import { IdleWork } from "./idleWork";
import { postprocess, type Suggestion } from "./postprocess/index";
import { requestAt } from "./request";
import { RunningCompletion } from "./runningCompletion";
import type { CompletionSettings } from "./settings";

export interface CompleterOptions {
  readonly engine: CompletionEngine;
  /** Hears of each failed request once; those who wait for it get no suggestion. */
  readonly onFailure: (error: unknown) => void;
  /** Milliseconds after which a text of several lines is shown as far as its lines are complete. */
  readonly patience?: number;
}

/**
 * Finds what to suggest at a cursor: from memory where something remembered still fits; else from the request that is running, if what was
 * typed since agrees with it; else from a new request, which ends the older one. Between two requests {@link IdleWork} prepares the next.
 */
export class Completer implements Disposable {
  readonly #options: CompleterOptions;
  readonly #cache = new CompletionCache();
  readonly #idle: IdleWork;
  #running: RunningCompletion | undefined;

  constructor(options: CompleterOptions) {
    this.#options = options;
    const memory = {
      knows: (cursor: Cursor) => this.#cache.find(cursor) !== undefined || this.#running?.agreesWith(cursor) === true,
      add: (cursor: Cursor, text: string) => this.#cache.add(cursor, text),
    };
    this.#idle = new IdleWork(options.engine, memory, options.onFailure);
  }

  /** @param signal ends the wait, not the request: the next keystroke may agree with it. */
  async complete(cursor: Cursor, settings: CompletionSettings, signal: AbortSignal): Promise<Suggestion | undefined> {
    const text = await this.#textAt(cursor, settings, signal);
    if (text === undefined) return undefined;
    const suggestion = postprocess(text, cursor);
    if (settings.idleWork && !signal.aborted) this.#idle.begin(cursor, suggestion, settings);
    return suggestion;
  }

  /**
   * Several suggestions, each another, for who asked for them: what {@link complete} says, then texts that are drawn.
   * @param signal ends the wait and the drawing
   */
  async alternatives(cursor: Cursor, settings: CompletionSettings, signal: AbortSignal): Promise<Suggestion[]> {
    const first = await this.complete(cursor, settings, signal);
    if (!first || signal.aborted) return [];
    const others = await sampleAlternatives(this.#options.engine, cursor, settings, signal).catch((error: unknown) => {
      this.#options.onFailure(error);
      return [];
    });
    return distinct([first, ...others]);
  }

  /** Ends the running request and the idle work. */
  stop(): void {
    this.#running?.[Symbol.dispose]();
    this.#running = undefined;
    this.#idle.stop();
  }

  /** Forgets everything: the model or a setting that shapes its text has changed. */
  reset(): void {
    this.stop();
    this.#cache.clear();
  }

  [Symbol.dispose](): void {
    this.reset();
  }

  async #textAt(cursor: Cursor, settings: CompletionSettings, signal: AbortSignal): Promise<string | undefined> {
    if (this.#running?.agreesWith(cursor) === false) this.stop();
    const remembered = this.#cache.find(cursor);
    if (remembered !== undefined) return remembered;
    const running = this.#running;
    const agreed = await running?.answer(cursor, signal);
    if (agreed !== undefined || running?.failed) return agreed;
    await pause(settings.delay, signal);
    if (signal.aborted) return undefined;
    const started = await this.#start(cursor, settings, signal);
    return started?.answer(cursor, signal);
  }

  /** Asks the engine, unless `signal` is aborted meanwhile or the engine cannot start. */
  async #start(
    cursor: Cursor,
    settings: CompletionSettings,
    signal: AbortSignal,
  ): Promise<RunningCompletion | undefined> {
    const { engine, onFailure, patience = 400 } = this.#options;
    try {
      const { fillInTheMiddle } = await engine.describe();
      if (signal.aborted) return undefined;
      this.stop();
      const request = requestAt(cursor, settings, fillInTheMiddle);
      const running = new RunningCompletion(cursor, engine, request, patience);
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

/** Waits so many milliseconds, or until `signal` is aborted. */
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
