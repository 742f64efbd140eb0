import { distinct, sampleAlternatives } from "./alternatives";
import { CompletionCache } from "./cache";
import type { Cursor } from "./cursor";
import { capabilitiesOf, type GhostTextBackend } from "../../backend/backend";
import { IdleWork } from "./idleWork";
import { postprocess, type Suggestion } from "./postprocess/index";
import { requestAt } from "./request";
import { thresholds } from "./ranking/eagerness";
import { canRankAt, type LineChoice, type LineDecision, suggestLine, workspaceQueryAt } from "./ranking/suggestLine";
import { RunningCompletion } from "./runningCompletion";
import type { CompletionSettings } from "./settings";
import type { WorkspaceLookup, WorkspaceMatch } from "./workspace/types";

/** Milliseconds that are spent on waiting for the workspace's lines once the model's text is there. */
const lookupTimeoutMs = 50;

export interface CompleterOptions {
  readonly backend: GhostTextBackend;
  /** Called once for each failed request, which gives no suggestion. */
  readonly onFailure: (error: unknown) => void;
  /** Finds lines in the workspace that may follow the cursor; without it, the model's own line is the only one. */
  readonly workspace?: WorkspaceLookup;
  /** Called when {@link Completer.lastDecision} has changed. */
  readonly onDecision?: () => void;
  /** Milliseconds after which the complete lines of an unfinished text are shown. */
  readonly partialAfterMs?: number;
}

/**
 * Finds the suggestion for a cursor: in the cache; else among the model's text and lines of the workspace, ranked by the model. The model's
 * text comes from a cache of its own, from the running request if what was typed since agrees with it, or from a new request, which stops
 * the older one. Between requests, {@link IdleWork} prepares the next.
 */
export class Completer implements Disposable {
  readonly #options: CompleterOptions;
  readonly #modelTexts = new CompletionCache();
  readonly #shown = new CompletionCache();
  readonly #idle: IdleWork;
  #running: RunningCompletion | undefined;
  #lastDecision: LineDecision | undefined;

  constructor(options: CompleterOptions) {
    this.#options = options;
    const known = {
      has: (cursor: Cursor) =>
        this.#modelTexts.find(cursor) !== undefined || this.#running?.agreesWith(cursor) === true,
      add: (cursor: Cursor, text: string) => this.#modelTexts.add(cursor, text),
    };
    this.#idle = new IdleWork(options.backend, known, options.onFailure);
  }

  /** What was last decided by ranking, for the diagnostics. */
  get lastDecision(): LineDecision | undefined {
    return this.#lastDecision;
  }

  /**
   * The suggestion at a cursor, unless nothing is sure enough.
   * @param signal ends the wait but not the request: the next keystroke may agree with it.
   * @param invoked whether a person asked for a suggestion: then the likeliest one is given however unsure it is
   */
  async complete(
    cursor: Cursor,
    settings: CompletionSettings,
    signal: AbortSignal,
    invoked = false,
  ): Promise<Suggestion | undefined> {
    const threshold = invoked ? 0 : thresholds[settings.eagerness];
    const text = this.#shown.find(cursor) ?? (await this.#decide(cursor, settings, threshold, signal));
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
    const first = await this.complete(cursor, settings, signal, true);
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
    this.#modelTexts.clear();
    this.#shown.clear();
    this.#setDecision(undefined);
  }

  [Symbol.dispose](): void {
    this.reset();
  }

  /** The text to suggest, empty when nothing is sure enough; undefined when it is not known in time. */
  async #decide(
    cursor: Cursor,
    settings: CompletionSettings,
    threshold: number,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const found = this.#matchesAt(cursor, signal);
    const modelText = await this.#textAt(cursor, settings, signal);
    const { backend } = this.#options;
    if (modelText === undefined || !capabilitiesOf(backend.state)?.lineScores || !canRankAt(cursor)) {
      return modelText;
    }
    const matches = await Promise.race([found, none(lookupTimeoutMs)]);
    const decision = await this.#rank({ cursor, modelText, matches, settings, threshold }, signal);
    if (!decision) return undefined;
    this.#setDecision(decision);
    if (decision.text !== "") this.#shown.add(cursor, decision.text);
    return decision.text;
  }

  #setDecision(decision: LineDecision | undefined): void {
    if (decision === this.#lastDecision) return;
    this.#lastDecision = decision;
    this.#options.onDecision?.();
  }

  /** Chooses among the model's text and the workspace's lines. Undefined when that was stopped, or fails. */
  async #rank(choice: LineChoice, signal: AbortSignal): Promise<LineDecision | undefined> {
    const { backend, onFailure } = this.#options;
    try {
      return await suggestLine(choice, (request) => backend.scoreLines(request, { signal }));
    } catch (error) {
      onFailure(error);
      return undefined;
    }
  }

  /** Lines of the workspace; none when there is no index, or it fails. */
  async #matchesAt(cursor: Cursor, signal: AbortSignal): Promise<readonly WorkspaceMatch[]> {
    const { workspace, onFailure } = this.#options;
    if (!workspace) return [];
    try {
      return await workspace.find(workspaceQueryAt(cursor), signal);
    } catch (error) {
      onFailure(error);
      return [];
    }
  }

  async #textAt(cursor: Cursor, settings: CompletionSettings, signal: AbortSignal): Promise<string | undefined> {
    if (this.#running?.agreesWith(cursor) === false) this.stop();
    const cached = this.#modelTexts.find(cursor);
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
        if (text !== undefined) this.#modelTexts.add(cursor, text);
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

/** No matches, after a while. */
function none(ms: number): Promise<readonly WorkspaceMatch[]> {
  return new Promise((resolve) => {
    setTimeout(() => resolve([]), ms);
  });
}
