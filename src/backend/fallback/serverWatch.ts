import type { ServerPresence, StreamOptions, TextTimings } from "../backend";
import { ServerError } from "../server/errors";
import type { ServerBackend } from "../server/serverBackend";
import { afterFailure, afterLateAnswer, afterProbe, healthy, type ServerHealth } from "./outage";

export interface ServerWatchOptions {
  readonly backend: ServerBackend;
  readonly timeoutMs: number;
  readonly onProblem: (problem: Error) => void;
  readonly onDidChange: () => void;
  readonly onDidFinish: (timings: TextTimings) => void;
  readonly log: { info(message: string): void; warn(message: string): void };
}

/** Asks a server within a time limit, and knows whether it is worth asking. */
export class ServerWatch implements Disposable {
  readonly #options: ServerWatchOptions;
  readonly #subscriptions: readonly Disposable[];
  #health: ServerHealth = healthy;
  #opening: Promise<unknown> | undefined;
  /** Whether opening has taken longer than anybody waits: a server may have to load its model first. */
  #opensSlowly = false;
  #disposed = false;

  constructor(options: ServerWatchOptions) {
    this.#options = options;
    const { backend, onDidChange, onDidFinish } = options;
    this.#subscriptions = [backend.onDidChangeState(onDidChange), backend.onDidFinish(onDidFinish)];
  }

  get backend(): ServerBackend {
    return this.#options.backend;
  }

  /** The server, unless it is left alone. */
  get usedNow(): ServerBackend | undefined {
    return this.#health.outage || this.#opensSlowly ? undefined : this.#options.backend;
  }

  get presence(): ServerPresence {
    const { outage } = this.#health;
    return { ...this.#options.backend.server, isUsed: this.usedNow !== undefined, problem: outage?.error.message };
  }

  /** The server once it is open; undefined when it is left alone, or is not open in time. */
  async ready(signal?: AbortSignal): Promise<ServerBackend | undefined> {
    const { backend, timeoutMs } = this.#options;
    const { outage } = this.#health;
    if (outage) {
      // Nobody waits for a server that has failed: it is tried in the background.
      if (Date.now() >= outage.retryAt) void this.#open();
      return undefined;
    }
    if (backend.state.kind === "ready") return backend;
    const opened = this.#open().then(() => this.usedNow);
    if (this.#opensSlowly) return undefined;
    const late = nothingAfter(timeoutMs, signal);
    const first = await Promise.race([opened, late]);
    if (!first && this.#opening && !signal?.aborted) this.#setOpensSlowly(true);
    return first;
  }

  /**
   * The server's answer; undefined when it is late or fails. Once text has come, only a pause counts as late.
   * @throws the failure of an answer that has begun, with `keep what has begun`
   */
  async ask<T>(
    call: (options: StreamOptions) => Promise<T>,
    { signal, onText }: StreamOptions,
    whenCut: "keep what has begun" | "start over",
  ): Promise<{ readonly value: T } | undefined> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#options.timeoutMs);
    let hasBegun = false as boolean;
    const heard = (text: string) => {
      hasBegun = true;
      clearTimeout(timer);
      onText?.(text);
    };
    try {
      const signals = signal ? [signal, late.signal] : [late.signal];
      const value = await call({ signal: AbortSignal.any(signals), onText: heard });
      if (signal?.aborted) return { value };
      if (late.signal.aborted) {
        this.#answeredLate();
        return undefined;
      }
      this.#answered();
      return { value };
    } catch (error) {
      this.#failed(error);
      if (hasBegun && whenCut === "keep what has begun") throw error;
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Forgets failures, and has the server asked anew what it is. */
  async restart(): Promise<void> {
    this.#health = healthy;
    await this.#options.backend.restart();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
  }

  /** Opens the server, one time at once. Never rejects. */
  #open(): Promise<unknown> {
    const { backend } = this.#options;
    this.#opening ??= (async () => {
      try {
        if (backend.state.kind === "failed" || this.#health.outage) await backend.restart();
        await backend.describe();
        this.#setHealth(afterProbe(this.#health));
      } catch (error) {
        this.#failed(error);
      } finally {
        this.#opening = undefined;
        this.#setOpensSlowly(false);
      }
    })();
    return this.#opening;
  }

  #answered(): void {
    if (this.#health.failures > 0) this.#options.log.info(`${this.#options.backend.server.host} completes again.`);
    this.#setHealth(healthy);
  }

  #answeredLate(): void {
    const { host } = this.#options.backend.server;
    const error = new ServerError("late", `${host} does not answer within ${this.#options.timeoutMs} ms.`);
    this.#report(afterLateAnswer(this.#health, error, Date.now()), error);
  }

  #failed(thrown: unknown): void {
    const error = thrown instanceof ServerError ? thrown : new ServerError("failed", String(thrown));
    // The next prompt is shorter.
    if (error.problem === "tooLong") return;
    this.#report(afterFailure(this.#health, error, Date.now(), error.retryAfterMs), error);
  }

  #report(next: ServerHealth, error: ServerError): void {
    if (this.#disposed) return;
    const isNew = next.outage !== undefined && this.#health.failures === 0;
    this.#setHealth(next);
    if (!isNew) return;
    this.#options.log.warn(`${error.message} The local model completes meanwhile.`);
    this.#options.onProblem(error);
  }

  #setOpensSlowly(opensSlowly: boolean): void {
    if (opensSlowly === this.#opensSlowly) return;
    this.#opensSlowly = opensSlowly;
    if (!this.#disposed) this.#options.onDidChange();
  }

  #setHealth(next: ServerHealth): void {
    if (this.#disposed) return;
    const changed = (next.outage === undefined) !== (this.#health.outage === undefined);
    this.#health = next;
    if (changed) this.#options.onDidChange();
  }
}

function nothingAfter(ms: number, signal: AbortSignal | undefined): Promise<undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}
