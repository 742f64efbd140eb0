import type { CheckpointsView } from "./views";

/** Something that a person starts, may cancel, and may start again. */
export class CancellableRun implements Disposable {
  readonly #onChange: () => void;
  #state: CheckpointsView["state"] = "ready";
  #message: string | undefined;
  #running: AbortController | undefined;

  /** @param onChange called when the state has changed */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get state(): CheckpointsView["state"] {
    return this.#state;
  }

  /** Why it failed. */
  get message(): string | undefined {
    return this.#message;
  }

  /** Runs a task, unless one is running. @param reset is called before */
  async start(reset: () => void, task: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#running) return;
    const { signal } = (this.#running = new AbortController());
    reset();
    this.#become("running");
    try {
      await task(signal);
      this.#become("done");
    } catch (error) {
      if (signal.aborted) this.#become("cancelled");
      else this.#become("failed", error instanceof Error ? error.message : String(error));
    } finally {
      this.#running = undefined;
    }
  }

  cancel(): void {
    this.#running?.abort();
  }

  [Symbol.dispose](): void {
    this.cancel();
  }

  #become(state: CheckpointsView["state"], message?: string): void {
    this.#state = state;
    this.#message = message;
    this.#onChange();
  }
}
