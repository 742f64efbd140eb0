import type {
  CallOptions,
  CheckpointOptions,
  EngineClientOptions,
  SeveralTextsOptions,
  TextLossOptions,
  TextOptions,
} from "./clientOptions";
import type { EngineState } from "./engineState";
import { EngineError, EngineStoppedError } from "./errors";
import { IdleTimer } from "./idleTimer";
import type { Calls, Method, ModelDescription } from "./protocol";
import { logOpened } from "./logOpened";
import type { Timings } from "../generation/request";
import { type CallControl, WorkerConnection } from "./workerConnection";

/** The calls that {@link EngineClient.inspect} makes. */
export type InspectionMethod = "candidates" | "inspectPrompt" | "expectedAt" | "lens" | "attention" | "compareBackends";

/** The calls that {@link EngineClient.onBackends} makes. */
export type BackendMethod = "machine" | "measureBackends" | "moveToBackend";

/** A worker with its model open, or about to be. */
interface Session {
  readonly ready: Promise<ModelDescription>;
  connection: WorkerConnection | undefined;
  ended: boolean;
}

/**
 * The host's view of the engine. Starts the worker and opens the model with the first call, and again after the worker has died. After a
 * second death in a row, or when the model cannot be opened, it stays in the failed state until {@link restart}, so that no keystroke
 * repeats a failure.
 */
export class EngineClient implements AsyncDisposable {
  readonly #options: EngineClientOptions;
  #state: EngineState = { kind: "idle" };
  readonly #stateListeners = new Set<(state: EngineState) => void>();
  readonly #finishListeners = new Set<(timings: Timings) => void>();
  #session: Session | undefined;
  /** Deaths since the last completion or generated text. */
  #deaths = 0;
  #disposed = false;
  readonly #idleTimer: IdleTimer;

  constructor(options: EngineClientOptions) {
    this.#options = options;
    this.#idleTimer = new IdleTimer(
      options.unloadAfter ?? (() => 0),
      (idleMs) => this.#unload(idleMs),
      options.schedule,
    );
  }

  get state(): EngineState {
    return this.#state;
  }

  /** Calls `listener` at each change of state. */
  onDidChangeState(listener: (state: EngineState) => void): Disposable {
    this.#stateListeners.add(listener);
    return { [Symbol.dispose]: () => void this.#stateListeners.delete(listener) };
  }

  /** Calls `listener` with the timings of each completion and generated text. */
  onDidFinish(listener: (timings: Timings) => void): Disposable {
    this.#finishListeners.add(listener);
    return { [Symbol.dispose]: () => void this.#finishListeners.delete(listener) };
  }

  /**
   * Starts the engine if it is not running, and describes its model.
   * @throws ModelFileError when the model cannot be opened, EngineError when the worker cannot run.
   */
  async describe(): Promise<ModelDescription> {
    return this.#idleTimer.during(() => this.#start().ready);
  }

  /** Continues at a cursor. A cancelled call still resolves, with `finish: "cancelled"`. */
  async complete(params: Calls["complete"]["params"], { signal, onText }: TextOptions = {}) {
    return this.#finished(await this.#call("complete", params, { signal, onProgress: onText }));
  }

  /** Continues at a cursor that may come to be, when the engine has nothing else to do. Its timings are not reported. */
  completeAhead(
    params: Calls["completeAhead"]["params"],
    options: CallOptions = {},
  ): Promise<Calls["completeAhead"]["result"]> {
    return this.#call("completeAhead", params, options);
  }

  /** Reads the window that a prompt will soon have, when the engine has nothing else to do. @returns the tokens computed. */
  readAhead(params: Calls["readAhead"]["params"], options: CallOptions = {}): Promise<Calls["readAhead"]["result"]> {
    return this.#call("readAhead", params, options);
  }

  /** Scores lines that may follow a cursor. A cancelled call resolves with nothing. */
  scoreLines(params: Calls["scoreLines"]["params"], options: CallOptions = {}): Promise<Calls["scoreLines"]["result"]> {
    return this.#call("scoreLines", params, options);
  }

  /** Continues at a cursor in several ways. A cancelled call still resolves, with what is done and the rest as cancelled. */
  alternatives(params: Calls["alternatives"]["params"], options: CallOptions = {}) {
    return this.#call("alternatives", params, options);
  }

  /** Continues free text. A cancelled call still resolves, with `finish: "cancelled"`. */
  async generate(params: Calls["generate"]["params"], { signal, onText }: TextOptions = {}) {
    return this.#finished(await this.#call("generate", params, { signal, onProgress: onText }));
  }

  /** Writes several texts. A cancelled call still resolves, with `finish: "cancelled"` for the texts that are not done. */
  async generateSeveral(params: Calls["generateSeveral"]["params"], options: SeveralTextsOptions = {}) {
    return this.#finished(await this.#call("generateSeveral", params, options));
  }

  /** Finds likely texts. A cancelled call still resolves, with the best texts so far. */
  async beamSearch(params: Calls["beamSearch"]["params"], { signal, onText }: TextOptions = {}) {
    return this.#finished(await this.#call("beamSearch", params, { signal, onProgress: onText }));
  }

  /** How well the model predicts a text. A cancelled call resolves with undefined. */
  textLoss(params: Calls["textLoss"]["params"], options: TextLossOptions = {}) {
    return this.#call("textLoss", params, options);
  }

  /** Calls that look into the model, see {@link Calls}. */
  inspect<M extends InspectionMethod>(
    method: M,
    params: Calls[M]["params"],
    options: CallOptions = {},
  ): Promise<Calls[M]["result"]> {
    return this.#call(method, params, { signal: options.signal });
  }

  /** Runs the twelve checkpoints. Rejects with an EngineError when it is cancelled. */
  checkpoints(
    params: Calls["checkpoints"]["params"],
    options: CheckpointOptions = {},
  ): Promise<Calls["checkpoints"]["result"]> {
    return this.#call("checkpoints", params, options);
  }

  /** Calls about the backends of the open model, see {@link Calls}; undefined while the engine is not running. Never starts it. */
  async onBackends<M extends BackendMethod>(
    method: M,
    params: Calls[M]["params"],
    options: CallOptions = {},
  ): Promise<Calls[M]["result"] | undefined> {
    return this.#readyConnection()?.call(method, params, options);
  }

  /** Sets the texts of other open documents, in which drafts are looked up. Never starts the engine. */
  async otherTexts(texts: Calls["otherTexts"]["params"]): Promise<void> {
    await this.#readyConnection()?.call("otherTexts", texts);
  }

  /** Frees what looking into the model took. Never starts the engine. */
  async endInspection(): Promise<void> {
    await this.#readyConnection()?.call("endInspection", undefined);
  }

  /** What the engine holds and how fast it was; undefined while it is not running. Never starts it. */
  async stats(): Promise<Calls["stats"]["result"] | undefined> {
    return this.#readyConnection()?.call("stats", undefined);
  }

  /** Counts the time without a call from now on: for when {@link EngineClientOptions.unloadAfter} has changed. */
  restartIdleTimer(): void {
    this.#idleTimer.restart();
  }

  /** Ends the worker and forgets earlier failures. The next call starts anew, with what {@link EngineClientOptions.model} says then. */
  async restart(): Promise<void> {
    await this.#stop();
    this.#deaths = 0;
    this.#setState({ kind: "idle" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#idleTimer[Symbol.dispose]();
    await this.#stop();
    this.#setState({ kind: "idle" });
    this.#stateListeners.clear();
    this.#finishListeners.clear();
  }

  /** Starts the engine if it is not running, and makes a call. */
  #call<M extends Method>(method: M, params: Calls[M]["params"], control: CallControl<M>): Promise<Calls[M]["result"]> {
    return this.#idleTimer.during(async () => {
      const session = this.#start();
      await session.ready;
      if (!session.connection || session.ended) throw new EngineStoppedError();
      return session.connection.call(method, params, control);
    });
  }

  #finished<R extends { readonly timings: Timings }>(result: R): R {
    this.#deaths = 0;
    for (const listener of this.#finishListeners) listener(result.timings);
    return result;
  }

  #readyConnection(): WorkerConnection | undefined {
    return this.#state.kind === "ready" ? this.#session?.connection : undefined;
  }

  /** @throws EngineError after disposal, or the error of the failed state. */
  #start(): Session {
    if (this.#disposed) throw new EngineError("The engine was closed.");
    if (this.#state.kind === "failed") throw this.#state.error;
    if (!this.#session) {
      const session: Session = {
        ready: Promise.resolve().then(() => this.#openModel(session)),
        connection: undefined,
        ended: false,
      };
      session.ready.catch(() => undefined);
      this.#session = session;
      this.#setState({ kind: "loading" });
    }
    return this.#session;
  }

  async #openModel(session: Session): Promise<ModelDescription> {
    try {
      const open = await this.#options.model();
      const connection = new WorkerConnection(await this.#options.spawn(), {
        onWarning: (message) => this.#options.log.warn(message),
        onReopened: (model) => {
          if (session.ended) return;
          logOpened(model, this.#options.log);
          this.#setState({ kind: "ready", model });
        },
        onDeath: (reason) => this.#workerDied(session, reason),
      });
      if (session.ended) {
        await connection[Symbol.asyncDispose]();
        throw new EngineStoppedError();
      }
      session.connection = connection;
      const onProgress = (share: number) => this.#setState({ kind: "loading", share });
      const model = await connection.call("open", open, { onProgress });
      logOpened(model, this.#options.log);
      this.#setState({ kind: "ready", model });
      return model;
    } catch (error) {
      const failure = error instanceof Error ? error : new EngineError(String(error));
      if (this.#session === session) {
        await this.#stop();
        this.#fail(failure);
      }
      throw failure;
    }
  }

  #workerDied(session: Session, reason: string): void {
    if (session.ended) return;
    session.ended = true;
    this.#deaths++;
    if (this.#session === session) this.#session = undefined;
    if (this.#deaths >= 2) {
      this.#fail(new EngineError(`The engine stopped unexpectedly twice in a row (${reason}).`));
    } else {
      this.#options.log.warn(`The engine stopped unexpectedly (${reason}). It restarts with the next keystroke.`);
      this.#setState({ kind: "idle" });
    }
  }

  #unload(idleMs: number): void {
    if (this.#state.kind !== "ready") return;
    const minutes = Math.round(idleMs / 60_000);
    const duration = minutes === 1 ? "1 minute" : `${minutes} minutes`;
    this.#options.log.info(`The model was unloaded after ${duration} without a request.`);
    void this.#stop();
    this.#setState({ kind: "idle" });
  }

  async #stop(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (!session || session.ended) return;
    session.ended = true;
    await session.connection?.[Symbol.asyncDispose]();
  }

  #fail(error: Error): void {
    this.#options.log.error(error.stack ?? error.message);
    this.#setState({ kind: "failed", error });
  }

  #setState(state: EngineState): void {
    if (this.#state.kind === "idle" && state.kind === "idle") return;
    this.#state = state;
    for (const listener of this.#stateListeners) listener(state);
  }
}
