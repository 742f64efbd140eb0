import { EngineError, EngineStoppedError, fromFailure } from "./errors";
import type { Calls, Method, ModelDescription, ToHost, ToWorker } from "./protocol";
import type { WorkerLink } from "./workerLink";

/** How one call is watched and stopped. */
export interface CallControl<M extends Method> {
  /** Asks the worker to stop the call, which then ends in its own way. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Calls[M]["progress"]) => void) | undefined;
}

/** What happens on a connection outside of its calls. */
export interface ConnectionEvents {
  /** A problem that does not stop the work, in a sentence for the log. */
  readonly onWarning: (message: string) => void;
  /** The model was opened again on another backend. */
  readonly onReopened: (description: ModelDescription) => void;
  /** The worker ended without having been disposed. Called before the pending calls are rejected. */
  readonly onDeath: (reason: string) => void;
}

interface PendingCall {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((progress: never) => void) | undefined;
}

/** Calls to one worker: matches results, errors and progress to the calls in flight. Disposing it ends the worker. */
export class WorkerConnection implements AsyncDisposable {
  readonly #link: WorkerLink;
  readonly #events: ConnectionEvents;
  readonly #pending = new Map<number, PendingCall>();
  #nextId = 1;

  /** @param link is the connection's from now on */
  constructor(link: WorkerLink, events: ConnectionEvents) {
    this.#link = link;
    this.#events = events;
    link.onMessage((message) => this.#receive(message));
    link.onDeath((reason) => {
      events.onDeath(reason);
      this.#rejectPending(new EngineError(`The engine stopped unexpectedly (${reason}).`));
    });
  }

  /** @throws what the worker's handler threw; EngineError when the worker ends first. */
  call<M extends Method>(
    method: M,
    params: Calls[M]["params"],
    { signal, onProgress }: CallControl<M> = {},
  ): Promise<Calls[M]["result"]> {
    const id = this.#nextId++;
    const cancel = () => this.#link.post({ kind: "cancel", id });
    return new Promise<Calls[M]["result"]>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onProgress });
      // The parameters fit the method: both come from the same M.
      this.#link.post({ kind: "call", id, method, params } as ToWorker);
      if (signal?.aborted) cancel();
      signal?.addEventListener("abort", cancel, { once: true });
    }).finally(() => signal?.removeEventListener("abort", cancel));
  }

  /** Ends the worker. Calls in flight are rejected. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#rejectPending(new EngineStoppedError());
    await this.#link[Symbol.asyncDispose]();
  }

  #receive(message: ToHost): void {
    if (message.kind === "warning") {
      this.#events.onWarning(message.message);
      return;
    }
    if (message.kind === "reopened") {
      this.#events.onReopened(message.description);
      return;
    }
    const call = this.#pending.get(message.id);
    if (!call) return;
    if (message.kind === "progress") {
      call.onProgress?.(message.value as never);
      return;
    }
    this.#pending.delete(message.id);
    if (message.kind === "error") call.reject(fromFailure(message.error));
    else call.resolve(message.value as never);
  }

  #rejectPending(error: Error): void {
    const calls = [...this.#pending.values()];
    this.#pending.clear();
    for (const call of calls) call.reject(error);
  }
}
