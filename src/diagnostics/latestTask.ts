type Task = (signal: AbortSignal) => Promise<void>;

/** Runs one task at a time, of which only the newest counts. */
export class LatestTask implements Disposable {
  #running: AbortController | undefined;
  #next: Task | undefined;

  /** Whether a task is running. */
  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Runs a task at once. One that is running is aborted, and one that waits is forgotten. */
  replace(task: Task): void {
    this[Symbol.dispose]();
    void this.#run(task);
  }

  /** Runs a task when the running one is done, in place of one that waits for that: what comes in quick succession is not all run. */
  follow(task: Task): void {
    if (this.#running) this.#next = task;
    else void this.#run(task);
  }

  /** Aborts the running task and forgets the waiting one. */
  [Symbol.dispose](): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#next = undefined;
  }

  async #run(task: Task): Promise<void> {
    const running = (this.#running = new AbortController());
    try {
      await task(running.signal);
    } finally {
      if (this.#running === running) {
        const next = this.#next;
        this.#running = this.#next = undefined;
        if (next) void this.#run(next);
      }
    }
  }
}
