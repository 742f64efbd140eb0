/** Milliseconds after which what nobody uses is closed. */
const defaultIdle = 60_000;

/** Something large that is opened when it is first needed, and closed when it was not for a while. */
export class LazyResource<T extends AsyncDisposable> implements AsyncDisposable {
  readonly #idleMs: number;
  readonly #open: () => Promise<T>;
  #opened: Promise<T> | undefined;
  #users = 0;
  #unwanted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param idleMs milliseconds without use after which it is closed */
  constructor(open: () => Promise<T>, idleMs = defaultIdle) {
    this.#open = open;
    this.#idleMs = idleMs;
  }

  /** Runs a task on it. @throws what opening or the task throws. */
  async use<R>(task: (opened: T) => Promise<R>): Promise<R> {
    clearTimeout(this.#timer);
    this.#users++;
    try {
      return await task(await (this.#opened ??= this.#begin()));
    } finally {
      this.#users--;
      if (this.#unwanted) await this.close();
      else if (this.#users === 0) this.#timer = setTimeout(() => void this.close(), this.#idleMs);
    }
  }

  /** Closes it, once the tasks that run on it are done. The next {@link use} opens it again. */
  async close(): Promise<void> {
    this.#unwanted = this.#users > 0;
    if (!this.#unwanted) await this[Symbol.asyncDispose]();
  }

  /** Closes it at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#unwanted = false;
    const opened = this.#opened;
    this.#opened = undefined;
    await (await opened?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  async #begin(): Promise<T> {
    try {
      return await this.#open();
    } catch (error) {
      // The next use tries again.
      this.#opened = undefined;
      throw error;
    }
  }
}
