import { BackendUnavailableError } from "../../gpt2/errors";
import type { Calls, Method } from "../protocol";
import { type CallControl, type ConnectionEvents, WorkerConnection } from "../workerConnection";
import type { WorkerLink } from "../workerLink";

/** They work on a copy of the model: that there is no memory for one says nothing about the model itself. */
const onCopy: ReadonlySet<Method> = new Set([
  ...(["lens", "attention", "checkpoints"] as const),
  ...(["measureBackends", "compareBackends", "moveToBackend"] as const),
]);

/** One of the engines that {@link FallbackEngine} calls. Disposing it ends it, and rejects the calls in flight. */
export class RunningEngine implements AsyncDisposable {
  readonly onGpu: boolean;
  readonly #connection: WorkerConnection;
  readonly #calls = new Set<Promise<unknown>>();
  #loss: Error | undefined;

  /** @param link is this engine's from now on */
  constructor(link: WorkerLink, onGpu: boolean, events: ConnectionEvents) {
    this.onGpu = onGpu;
    this.#connection = new WorkerConnection(link, {
      ...events,
      onDeath: (reason) => {
        this.#loss ??= new BackendUnavailableError(reason);
        events.onDeath(reason);
      },
    });
  }

  /** Why it can answer no more calls; undefined while it can. */
  get loss(): Error | undefined {
    return this.#loss;
  }

  /** @throws what the engine's handler threw; {@link loss} is set when another engine has to answer instead */
  async call<M extends Method>(
    method: M,
    params: Calls[M]["params"],
    control: CallControl<M>,
  ): Promise<Calls[M]["result"]> {
    const call = this.#connection.call(method, params, control);
    this.#calls.add(call);
    try {
      return await call;
    } catch (error) {
      if (error instanceof BackendUnavailableError && !onCopy.has(method)) this.#loss ??= error;
      throw error;
    } finally {
      this.#calls.delete(call);
    }
  }

  /** Ends the engine when the calls in flight are answered. */
  async disposeWhenIdle(): Promise<void> {
    await Promise.allSettled(this.#calls);
    await this[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection[Symbol.asyncDispose]();
  }
}
