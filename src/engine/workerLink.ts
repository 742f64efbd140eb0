import type { ToHost, ToWorker } from "./protocol";

/** The host's end of a running worker, the same for a worker thread and a web worker. */
export interface WorkerLink<Sent = ToWorker, Received = ToHost> extends AsyncDisposable {
  post(message: Sent, transfer?: readonly (ArrayBuffer | MessagePort)[]): void;
  /** Called for each message. Set once, before the first call. */
  onMessage(listener: (message: Received) => void): void;
  /** Called once, with the reason, when the worker ends without having been disposed. */
  onDeath(listener: (reason: string) => void): void;
}

/** The worker's own end. */
export interface HostLink {
  post(message: ToHost): void;
  onMessage(listener: (message: ToWorker) => void): void;
}
