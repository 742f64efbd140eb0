import { distinct, sampleAlternatives } from "./alternatives";
import { type CachedText, CompletionCache } from "./cache";
import type { Cursor } from "./cursor";
import type { Activity } from "../../backend/activity";
import { capabilitiesOf, type GhostTextBackend } from "../../backend/backend";
import { IdleWork } from "./idleWork";
import { pause } from "./pause";
import { postprocess, type Suggestion } from "./postprocess/index";
import { requestAt } from "./request";
import { thresholds } from "./ranking/eagerness";
import { suggest, usesWorkspaceAt } from "./ranking/suggest";
import { canRankAt, type LineChoice, type LineDecision, workspaceQueryAt } from "./ranking/suggestLine";
import { RunningCompletion } from "./runningCompletion";
import type { CompletionSettings } from "./settings";
import type { TypingRhythm } from "./timing/typingRhythm";
import type { WorkspaceLookup, WorkspaceMatch } from "./workspace/types";

/** Milliseconds that are spent on waiting for the workspace's lines once the model's text is there. */
const lookupTimeoutMs = 50;
/** How often a suggestion is looked for again that was lost because the model changed meanwhile. */
const mostRepeats = 2;

export interface CompleterOptions {
  readonly backend: GhostTextBackend;
  /** Called once for each failed request, which gives no suggestion. */
  readonly onFailure: (error: unknown) => void;
  /** Finds lines in the workspace that may follow the cursor; without it, the model's own line is the only one. */
  readonly workspace?: WorkspaceLookup;
  /** Called when {@link Completer.lastDecision} has changed. */
  readonly onDecision?: () => void;
  /** Milliseconds after which the complete lines of an unfinished text will do. */
  readonly partialAfterMs?: number;
  /** How long to wait before a request. Without it, only a fixed delay is kept. */
  readonly rhythm?: TypingRhythm;
  /** Counts the requests that are running. */
  readonly activity?: Activity;
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
  /** Beginnings of lines and of the model's text, which do for a person who types, but not for one who asks. */
  readonly #parts = new CompletionCache();
  readonly #idle: IdleWork;
  #running: RunningCompletion | undefined;
  #lastDecision: LineDecision | undefined;
  /** How often {@link reset} was called. */
  #resets = 0;
  /** How often {@link restart} was called. */
  #restarts = 0;
  #isDisposed = false;

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
    let found = this.#shown.find(cursor) ?? (invoked ? undefined : this.#parts.find(cursor));
    if (!found) {
      if (!invoked) await this.#waitForPause(cursor, settings, signal);
      found = await this.#decideAnew(cursor, settings, threshold, signal);
    }
    if (!found) return undefined;
    const suggestion = postprocess(found.text, cursor, found.typed);
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

  /** Stops, and clears the cache: for when a setting changes that shapes the texts. */
  reset(): void {
    this.#resets++;
    this.stop();
    this.#modelTexts.clear();
    this.#shown.clear();
    this.#parts.clear();
    this.#setDecision(undefined);
  }

  /** {@link reset}, for when the model changes: a suggestion that is waited for is looked for again, since the editor asks only once. */
  restart(): void {
    this.#restarts++;
    this.reset();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.reset();
  }

  /** Waits before a request that has to be made. What is known already, or is being written, is not delayed. */
  async #waitForPause(cursor: Cursor, { delay }: CompletionSettings, signal: AbortSignal): Promise<void> {
    if (this.#running?.agreesWith(cursor) === false) this.stop();
    if (this.#running || this.#modelTexts.find(cursor) !== undefined) return;
    const fixed = delay === "adaptive" ? 0 : delay;
    await pause(this.#options.rhythm?.delay(delay, performance.now()) ?? fixed, signal);
  }

  /** {@link #decide}, again where a restart has come in between. */
  async #decideAnew(
    cursor: Cursor,
    settings: CompletionSettings,
    threshold: number,
    signal: AbortSignal,
  ): Promise<CachedText | undefined> {
    for (let repeats = 0; !signal.aborted && !this.#isDisposed; repeats++) {
      const restarts = this.#restarts;
      const found = await this.#decide(cursor, settings, threshold, signal);
      if (restarts === this.#restarts) return found;
      if (repeats === mostRepeats) return undefined;
    }
    return undefined;
  }

  /** The text to suggest, empty when nothing is sure enough; undefined when it is not known in time. */
  async #decide(
    cursor: Cursor,
    settings: CompletionSettings,
    threshold: number,
    signal: AbortSignal,
  ): Promise<CachedText | undefined> {
    const resets = this.#resets;
    const found = this.#matchesAt(cursor, signal);
    const own = await this.#textAt(cursor, settings, signal);
    if (!own || !this.#ranksLines() || !canRankAt(cursor)) return own;
    const matches = await Promise.race([found, none(lookupTimeoutMs)]);
    const decision = await this.#rank({ cursor, modelText: own.text, matches, settings, threshold }, signal);
    // What another model was sure of, or with other settings, is not kept.
    if (resets !== this.#resets) return undefined;
    // Without scores, what the model wrote is suggested, as from a backend that never gives any.
    if (!decision) return signal.aborted ? undefined : own;
    this.#setDecision(decision);
    const isCut = own.isUnfinished === true || decision.part !== undefined || isBeginning(decision.text, own.text);
    // What was stopped may lack the rest of its block.
    if (decision.text !== "" && !signal.aborted) (isCut ? this.#parts : this.#shown).add(cursor, decision.text);
    return { text: decision.text, typed: "" };
  }

  /** Whether the backend scores lines. */
  #ranksLines(): boolean {
    return capabilitiesOf(this.#options.backend.state)?.lineScores === true;
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
      return await suggest(choice, (request) => backend.scoreLines(request, { signal }));
    } catch (error) {
      onFailure(error);
      return undefined;
    }
  }

  /** Lines of the workspace; none when there is no index, it fails, or they would not be used. */
  async #matchesAt(cursor: Cursor, signal: AbortSignal): Promise<readonly WorkspaceMatch[]> {
    const { workspace, onFailure } = this.#options;
    if (!workspace || !usesWorkspaceAt(cursor)) return [];
    try {
      return await workspace.find(workspaceQueryAt(cursor), signal);
    } catch (error) {
      onFailure(error);
      return [];
    }
  }

  async #textAt(cursor: Cursor, settings: CompletionSettings, signal: AbortSignal): Promise<CachedText | undefined> {
    if (this.#running?.agreesWith(cursor) === false) this.stop();
    const cached = this.#modelTexts.find(cursor);
    if (cached) return cached;
    const running = this.#running;
    const agreed = await running?.answer(cursor, signal);
    if (agreed !== undefined || running?.failed) return agreed;
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
    const { backend, onFailure, partialAfterMs = 100, rhythm, activity } = this.#options;
    try {
      // The time that a model takes to open does not count towards partialAfterMs.
      if (backend.state.kind !== "ready") await backend.describe();
      if (signal.aborted) return undefined;
      this.stop();
      const running = new RunningCompletion(cursor, backend, requestAt(cursor, settings), partialAfterMs);
      this.#running = running;
      const startedAt = performance.now();
      const result = activity?.during(running.result) ?? running.result;
      result.then((text) => {
        if (text === undefined) return;
        this.#modelTexts.add(cursor, text);
        rhythm?.answered(performance.now() - startedAt);
      }, onFailure);
      return running;
    } catch (error) {
      onFailure(error);
      return undefined;
    }
  }
}

/** No matches, after a while. */
function none(ms: number): Promise<readonly WorkspaceMatch[]> {
  return new Promise((resolve) => {
    setTimeout(() => resolve([]), ms);
  });
}

/** Whether a text is only the beginning of another one. */
function isBeginning(text: string, whole: string): boolean {
  return whole.startsWith(text) && whole.trimEnd().length > text.length;
}
