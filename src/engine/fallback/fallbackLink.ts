import type { ToHost, ToWorker } from "../protocol";
import { serveCalls } from "../serve";
import type { WorkerLink } from "../workerLink";
import { type EngineHosts, FallbackEngine } from "./fallbackEngine";

/** A function that starts a {@link FallbackEngine}, which looks like a single worker from outside. It says each warning once. */
export function spawnWithFallback(hosts: EngineHosts): () => Promise<WorkerLink> {
  const said = new Set<string>();
  return () => Promise.resolve(fallbackLink(hosts, said));
}

function fallbackLink(hosts: EngineHosts, said: Set<string>): WorkerLink {
  let toHost: (message: ToHost) => void = () => undefined;
  let toEngine: (message: ToWorker) => void = () => undefined;
  let onDeath: (reason: string) => void = () => undefined;
  const engine = new FallbackEngine(hosts, {
    post: (message) => {
      if (message.kind === "warning") {
        if (said.has(message.message)) return;
        said.add(message.message);
      }
      toHost(message);
    },
    onDeath: (reason) => onDeath(reason),
  });
  serveCalls((method, params, { signal, onProgress }) => engine.call(method, params, { signal, onProgress }), {
    post: (message) => toHost(message),
    onMessage: (listener) => (toEngine = listener),
  });
  return {
    post: (message) => toEngine(message),
    onMessage: (listener) => (toHost = listener),
    onDeath: (listener) => (onDeath = listener),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
