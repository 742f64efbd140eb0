/** Calls a function after some milliseconds, unless the result is disposed of before. */
export type Schedule = (task: () => void, ms: number) => Disposable;

/** Tells when nothing has been going on for a while. */
export class IdleTimer implements Disposable {
  readonly #schedule: Schedule;
  readonly #onIdle: () => void;
  readonly #patience: () => number;
  #busy = 0;
  #alarm: Disposable | undefined;
  #disposed = false;

  /**
   * @param patience milliseconds, asked for whenever work ends; 0 for never.
   * @param onIdle called once for each time that nothing went on for so long.
   */
  constructor(patience: () => number, onIdle: () => void, schedule: Schedule = timeout) {
    this.#patience = patience;
    this.#onIdle = onIdle;
    this.#schedule = schedule;
  }

  /** Does something, and begins to wait when that and everything else is done. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
    this.#busy++;
    try {
      return await work();
    } finally {
      this.#busy--;
      const patience = this.#patience();
      if (this.#busy === 0 && patience > 0 && !this.#disposed) this.#alarm = this.#schedule(this.#onIdle, patience);
    }
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#alarm?.[Symbol.dispose]();
  }
}

const timeout: Schedule = (task, ms) => {
  const timer = setTimeout(task, ms);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
};
