/** Calls a function after some milliseconds, unless the result is disposed of before. */
export type Schedule = (task: () => void, ms: number) => Disposable;

/** Reports when nothing has been running for some time. */
export class IdleTimer implements Disposable {
  readonly #timeout: () => number;
  readonly #onIdle: (idleMs: number) => void;
  readonly #schedule: Schedule;
  #running = 0;
  #timer: Disposable | undefined;
  #disposed = false;

  /**
   * @param timeout milliseconds, read whenever an idle period begins; 0 for never.
   * @param onIdle called once per idle period, with the milliseconds that passed.
   */
  constructor(timeout: () => number, onIdle: (idleMs: number) => void, schedule: Schedule = hostTimer) {
    this.#timeout = timeout;
    this.#onIdle = onIdle;
    this.#schedule = schedule;
  }

  /** Runs a task; the idle period begins when the last running task ends. */
  async during<T>(task: () => Promise<T>): Promise<T> {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#running++;
    try {
      return await task();
    } finally {
      this.#running--;
      this.restart();
    }
  }

  /** Begins the idle period now, unless a task is running: for when the timeout has changed. */
  restart(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const timeout = this.#timeout();
    if (this.#running > 0 || timeout <= 0 || this.#disposed) return;
    this.#timer = this.#schedule(() => this.#onIdle(timeout), timeout);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#timer?.[Symbol.dispose]();
  }
}

/** The timer of the JavaScript host. */
export const hostTimer: Schedule = (task, ms) => {
  const timer = setTimeout(task, ms);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
};
