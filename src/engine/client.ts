import { EngineError, fromFailure } from "./errors";
import { IdleTimer, type Schedule } from "./idleTimer";
import type { Calls, CheckpointProgress, Method, ModelDescription, OpenOptions, ToHost } from "./protocol";
import type { GenerationResult, Timings } from "../generation/request";
import type { WorkerLink } from "./workerLink";

export type EngineState =
  | { readonly kind: "idle" }
  | { readonly kind: "loading" }
  | { readonly kind: "ready"; readonly model: ModelDescription }
  | { readonly kind: "failed"; readonly error: Error };

/** The calls that {@link EngineClient.inspect} makes. */
export type InspectionMethod = "candidates" | "inspectPrompt" | "expectedAt" | "lens" | "attention";

export interface CallOptions {
  /** Stops the call: it ends with what it has so far. */
  readonly signal?: AbortSignal;
}

export interface TextOptions extends CallOptions {
  /** Receives the text as it grows: all of it each time. */
  readonly onText?: (text: string) => void;
}

/** What the client needs from its surroundings. */
export interface EngineClientOptions {
  /** Starts a worker. */
  readonly spawn: () => Promise<WorkerLink>;
  /** The model to open, asked for whenever one must be opened. A rejection becomes the failed state. */
  readonly model: () => Promise<OpenOptions>;
  /** Milliseconds without a call after which the worker ends and its memory is free; 0, or not given, for never. */
  readonly unloadAfter?: () => number;
  /** Instead of the host's timer, for tests. */
  readonly schedule?: Schedule;
  readonly log: { info(message: string): void; warn(message: string): void; error(message: string): void };
}

interface PendingCall {
  readonly method: Method;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((progress: never) => void) | undefined;
}

/** A worker with its model open, or on the way to it. */
interface Session {
  readonly ready: Promise<ModelDescription>;
  link: WorkerLink | undefined;
  ended: boolean;
}

/**
 * The host's view of the engine. Starts the worker and opens the model when something is first asked of it, and again when the
 * worker has died; after a second death in a row, or when the model cannot be opened, it stays in the failed state until
 * {@link restart}, so that no keystroke repeats a failure.
 */
export class EngineClient implements AsyncDisposable {
  readonly #options: EngineClientOptions;
  #state: EngineState = { kind: "idle" };
  readonly #stateListeners = new Set<(state: EngineState) => void>();
  readonly #finishListeners = new Set<(timings: Timings) => void>();
  #session: Session | undefined;
  readonly #pending = new Map<number, PendingCall>();
  #nextId = 1;
  /** Deaths since the last call that had a result. */
  #deaths = 0;
  #disposed = false;
  readonly #idleTimer: IdleTimer;

  constructor(options: EngineClientOptions) {
    this.#options = options;
    this.#idleTimer = new IdleTimer(options.unloadAfter ?? (() => 0), () => this.#unload(), options.schedule);
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
   * Starts the engine if it does not run, and says what model it has.
   * @throws ModelFileError when the model cannot be opened, EngineError when the worker cannot run.
   */
  async describe(): Promise<ModelDescription> {
    return this.#idleTimer.during(async () => (await this.#start()).ready);
  }

  /** Continues at a cursor. A cancelled call still resolves, with `finish: "cancelled"`. */
  async complete(
    params: Calls["complete"]["params"],
    { signal, onText }: TextOptions = {},
  ): Promise<Calls["complete"]["result"]> {
    return this.#callReady("complete", params, signal, onText);
  }

  /** Continues at a cursor that may come to be, when the engine has nothing else to do. Its timings are nobody's. */
  async completeAhead(
    params: Calls["completeAhead"]["params"],
    { signal }: CallOptions = {},
  ): Promise<Calls["completeAhead"]["result"]> {
    return this.#callReady("completeAhead", params, signal);
  }

  /** Reads the window that a prompt will soon have, when the engine has nothing else to do. @returns the tokens computed. */
  async readAhead(
    params: Calls["readAhead"]["params"],
    { signal }: CallOptions = {},
  ): Promise<Calls["readAhead"]["result"]> {
    return this.#callReady("readAhead", params, signal);
  }

  /** Continues at a cursor in several ways. A cancelled call still resolves, with what is done and the rest as cancelled. */
  async alternatives(
    params: Calls["alternatives"]["params"],
    { signal }: CallOptions = {},
  ): Promise<Calls["alternatives"]["result"]> {
    return this.#callReady("alternatives", params, signal);
  }

  /** Continues free text. A cancelled call still resolves, with `finish: "cancelled"`. */
  async generate(
    params: Calls["generate"]["params"],
    { signal, onText }: TextOptions = {},
  ): Promise<Calls["generate"]["result"]> {
    return this.#callReady("generate", params, signal, onText);
  }

  /** Calls that look into the model, see {@link Calls}. */
  async inspect<M extends InspectionMethod>(
    method: M,
    params: Calls[M]["params"],
    { signal }: CallOptions = {},
  ): Promise<Calls[M]["result"]> {
    return this.#callReady(method, params, signal);
  }

  /** Runs the twelve checkpoints. Rejects with an EngineError when it is cancelled. */
  async checkpoints(
    params: Calls["checkpoints"]["params"],
    { signal, onProgress }: CallOptions & { readonly onProgress?: (progress: CheckpointProgress) => void } = {},
  ): Promise<Calls["checkpoints"]["result"]> {
    return this.#callReady("checkpoints", params, signal, onProgress);
  }

  /** Says what stands in other documents than the one that is completed, for drafts. Never starts the engine. */
  async otherTexts(texts: Calls["otherTexts"]["params"]): Promise<void> {
    const link = this.#readyLink();
    if (link) await this.#call(link, "otherTexts", texts);
  }

  /** Frees what looking into the model took. Never starts the engine. */
  async endInspection(): Promise<void> {
    const link = this.#readyLink();
    if (link) await this.#call(link, "endInspection", undefined);
  }

  /** What the engine holds and how fast it was; undefined while it does not run. Never starts it. */
  async stats(): Promise<Calls["stats"]["result"] | undefined> {
    const link = this.#readyLink();
    return link && this.#call(link, "stats", undefined);
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

  async #callReady<M extends Method>(
    method: M,
    params: Calls[M]["params"],
    signal: AbortSignal | undefined,
    onProgress?: (progress: Calls[M]["progress"]) => void,
  ): Promise<Calls[M]["result"]> {
    return this.#idleTimer.during(async () => {
      const session = await this.#start();
      await session.ready;
      if (!session.link || session.ended) throw new EngineError("The engine was stopped.");
      return this.#call(session.link, method, params, signal, onProgress);
    });
  }

  #readyLink(): WorkerLink | undefined {
    return this.#state.kind === "ready" ? this.#session?.link : undefined;
  }

  async #start(): Promise<Session> {
    if (this.#disposed) throw new EngineError("The engine was closed.");
    if (this.#state.kind === "failed") throw this.#state.error;
    if (!this.#session) {
      const session: Session = {
        ready: Promise.resolve().then(() => this.#openModel(session)),
        link: undefined,
        ended: false,
      };
      session.ready.catch(() => undefined);
      this.#session = session;
      this.#setState({ kind: "loading" });
    }
    return Promise.resolve(this.#session);
  }

  async #openModel(session: Session): Promise<ModelDescription> {
    try {
      const open = await this.#options.model();
      const link = await this.#options.spawn();
      if (session.ended) {
        await link[Symbol.asyncDispose]();
        throw new EngineError("The engine was stopped.");
      }
      session.link = link;
      link.onMessage((message) => this.#receive(message));
      link.onDeath((reason) => this.#workerDied(session, reason));
      const model = await this.#call(link, "open", open);
      this.#options.log.info(
        `Opened ${model.name} (${model.storage}) in ${Math.round(model.info.loadMs)} ms: ${model.info.backend}, ${model.info.precision}, ${model.info.threads} thread(s).`,
      );
      this.#tellDraftModel(model);
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

  #tellDraftModel({ draftModel }: ModelDescription): void {
    if (draftModel?.kind === "ready")
      this.#options.log.info(`${draftModel.name} (${draftModel.storage}) drafts for it.`);
    if (draftModel?.kind === "unusable") this.#options.log.warn(`The draft model is not used. ${draftModel.problem}`);
  }

  #call<M extends Method>(
    link: WorkerLink,
    method: M,
    params: Calls[M]["params"],
    signal?: AbortSignal,
    onProgress?: (progress: Calls[M]["progress"]) => void,
  ): Promise<Calls[M]["result"]> {
    const id = this.#nextId++;
    const cancel = () => link.post({ kind: "cancel", id });
    return new Promise<Calls[M]["result"]>((resolve, reject) => {
      this.#pending.set(id, { method, resolve, reject, onProgress });
      // The parameters fit the method: both come from the same M.
      link.post({ kind: "call", id, method, params } as Parameters<WorkerLink["post"]>[0]);
      if (signal?.aborted) cancel();
      signal?.addEventListener("abort", cancel, { once: true });
    }).finally(() => signal?.removeEventListener("abort", cancel));
  }

  #receive(message: ToHost): void {
    if (message.kind === "warning") {
      this.#options.log.warn(message.message);
      return;
    }
    const call = this.#pending.get(message.id);
    if (!call) return;
    if (message.kind === "progress") {
      call.onProgress?.(message.value as never);
      return;
    }
    this.#pending.delete(message.id);
    if (message.kind === "error") {
      call.reject(fromFailure(message.error));
      return;
    }
    call.resolve(message.value as never);
    if (call.method === "complete" || call.method === "generate") this.#finished(message.value as GenerationResult);
  }

  #finished(result: GenerationResult): void {
    this.#deaths = 0;
    for (const listener of this.#finishListeners) listener(result.timings);
  }

  #workerDied(session: Session, reason: string): void {
    if (session.ended) return;
    session.ended = true;
    this.#deaths++;
    const error = new EngineError(`The engine stopped unexpectedly (${reason}).`);
    if (this.#session === session) this.#session = undefined;
    if (this.#deaths >= 2) {
      this.#fail(new EngineError(`The engine stopped unexpectedly twice in a row (${reason}).`));
    } else {
      this.#options.log.warn(`${error.message} It starts again with the next keystroke.`);
      this.#setState({ kind: "idle" });
    }
    this.#rejectPending(error);
  }

  #unload(): void {
    if (this.#state.kind !== "ready") return;
    this.#options.log.info("The model has left the memory: it was not needed for a while.");
    void this.#stop();
    this.#setState({ kind: "idle" });
  }

  async #stop(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (!session || session.ended) return;
    session.ended = true;
    this.#rejectPending(new EngineError("The engine was stopped."));
    await session.link?.[Symbol.asyncDispose]();
  }

  #rejectPending(error: Error): void {
    const calls = [...this.#pending.values()];
    this.#pending.clear();
    for (const call of calls) call.reject(error);
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
