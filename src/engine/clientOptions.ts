import type { Schedule } from "./idleTimer";
import type { CheckpointProgress, OpenOptions, TextProgress } from "./protocol";
import type { WorkerLink } from "./workerLink";

export interface CallOptions {
  /** Stops the call: it ends with what it has so far. */
  readonly signal?: AbortSignal;
}

export interface TextOptions extends CallOptions {
  /** Receives the text as it grows: all of it each time. */
  readonly onText?: (text: string) => void;
}

export interface SeveralTextsOptions extends CallOptions {
  /** Receives each of the texts as it grows. */
  readonly onProgress?: (progress: TextProgress) => void;
}

export interface TextLossOptions extends CallOptions {
  /** Receives the fraction of the text that was read, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

export interface CheckpointOptions extends CallOptions {
  readonly onProgress?: (progress: CheckpointProgress) => void;
}

/** What the client needs from its surroundings. */
export interface EngineClientOptions {
  /** Starts a worker. */
  readonly spawn: () => Promise<WorkerLink>;
  /** The model to open, asked for whenever one must be opened. A rejection becomes the failed state. */
  readonly model: () => Promise<OpenOptions>;
  /** Milliseconds without a call after which the worker ends and its memory is freed; 0, or not given, for never. */
  readonly unloadAfter?: () => number;
  /** Instead of the host's timer, for tests. */
  readonly schedule?: Schedule;
  readonly log: { info(message: string): void; warn(message: string): void; error(message: string): void };
}
