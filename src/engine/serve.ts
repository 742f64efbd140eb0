import { toFailure } from "./errors";
import type { Calls, Method, ToWorker } from "./protocol";
import type { HostLink } from "./workerLink";

/** What a handler gets besides its parameters. */
export interface CallContext<Progress = never> {
  /** Aborted when the host cancels the call. */
  readonly signal: AbortSignal;
  /** Reports the call's progress. */
  readonly onProgress: (progress: Progress) => void;
}

/** Answers the calls of one method. */
export type Handler<M extends Method> = (
  params: Calls[M]["params"],
  call: CallContext<Calls[M]["progress"]>,
) => Promise<Calls[M]["result"]>;

export type Handlers = { readonly [M in Method]: Handler<M> };

/** Answers the calls of all methods; the result fits the method. */
export type AnyHandler = (
  method: Method,
  params: Calls[Method]["params"],
  call: CallContext<unknown>,
) => Promise<unknown>;

/** Connects handlers to the host: the worker's side of the protocol. */
export function serve(handlers: Handlers, host: HostLink): void {
  // Method and parameters match: both come from the same ToWorker message.
  serveCalls((method, params, call) => (handlers[method] as Handler<Method>)(params, call), host);
}

/** As {@link serve}, with one handler for all methods. */
export function serveCalls(handle: AnyHandler, host: HostLink): void {
  const running = new Map<number, AbortController>();

  async function answer({ id, method, params }: Extract<ToWorker, { kind: "call" }>): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const onProgress = (value: unknown) => host.post({ kind: "progress", id, value });
      host.post({ kind: "result", id, value: await handle(method, params, { signal: controller.signal, onProgress }) });
    } catch (error) {
      host.post({ kind: "error", id, error: toFailure(error) });
    } finally {
      running.delete(id);
    }
  }

  host.onMessage((message) => {
    if (message.kind === "cancel") running.get(message.id)?.abort();
    else void answer(message);
  });
}
