import { wait } from "../../../hub/timeouts";

/** The time limit of a request: until its answer begins, and between two parts of it. */
export interface Deadline {
  /** Aborted when the time is up, and with the caller's signal. */
  readonly signal: AbortSignal;
  readonly isLate: boolean;
  /** Whether the caller's signal was aborted. */
  readonly isAborted: boolean;
  /** Whether a part of the answer has come. */
  readonly hasBegun: boolean;
  readonly remainingMs: number;
  /** Starts the time again: a part of the answer has come. */
  extend(): void;
  /** Waits; rejects when the signal is aborted. */
  pause(ms: number): Promise<void>;
  /** Ends the request: stops the timer, and closes a connection that is still open. */
  end(): void;
}

/** @param caller ends the request early */
export function deadlineOf(timeoutMs: number, caller: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const { signal } = controller;
  let [isLate, hasBegun] = [false, false];
  let endsAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const start = () => {
    clearTimeout(timer);
    endsAt = Date.now() + timeoutMs;
    timer = setTimeout(() => {
      isLate = true;
      controller.abort();
    }, timeoutMs);
  };
  const abort = () => controller.abort(caller?.reason);
  if (caller?.aborted) abort();
  caller?.addEventListener("abort", abort);
  start();
  return {
    signal,
    get isLate() {
      return isLate;
    },
    get isAborted() {
      return caller?.aborted === true;
    },
    get hasBegun() {
      return hasBegun;
    },
    get remainingMs() {
      return endsAt - Date.now();
    },
    extend: () => {
      hasBegun = true;
      start();
    },
    pause: (ms) => wait(ms, signal),
    end: () => {
      clearTimeout(timer);
      caller?.removeEventListener("abort", abort);
      controller.abort();
    },
  };
}
