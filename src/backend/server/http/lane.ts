/** At most one task runs and one waits. A newer one replaces the one that waits. */
export class Lane {
  #running: Promise<unknown> | undefined;
  #replaceWaiting: () => void = () => undefined;

  /**
   * Runs a task when the one before it has ended.
   * @returns undefined when it was replaced or stopped before it began
   */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
    while (this.#running) {
      this.#replaceWaiting();
      const replaced = new Promise<"replaced">((resolve) => (this.#replaceWaiting = () => resolve("replaced")));
      const ended = this.#running.then(
        () => "ended",
        () => "ended",
      );
      if ((await Promise.race([ended, replaced])) === "replaced") return undefined;
    }
    if (signal?.aborted) return undefined;
    const running = task();
    this.#running = running;
    try {
      return await running;
    } finally {
      this.#running = undefined;
    }
  }
}
