/** Milliseconds. */
const defaultIdleMs = 60_000;

/** A resource that is opened on first use and closed after an idle period. */
export class LazyResource<T extends AsyncDisposable> implements AsyncDisposable {
  readonly #idleMs: number;
  readonly #open: () => Promise<T>;
  #opened: Promise<T> | undefined;
  #users = 0;
  #closeRequested = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param idleMs milliseconds without a user after which it is closed */
  constructor(open: () => Promise<T>, idleMs = defaultIdleMs) {
    this.#open = open;
    this.#idleMs = idleMs;
  }

  /** Runs a task on the resource. @throws what opening or the task throws. */
  async use<R>(task: (opened: T) => Promise<R>): Promise<R> {
    clearTimeout(this.#timer);
    this.#users++;
    try {
      return await task(await (this.#opened ??= this.#openOnce()));
    } finally {
      this.#users--;
      if (this.#closeRequested) await this.close();
      else if (this.#users === 0) this.#timer = setTimeout(() => void this.close(), this.#idleMs);
    }
  }

  /** Closes it once no task uses it. The next {@link use} opens it again. */
  async close(): Promise<void> {
    this.#closeRequested = this.#users > 0;
    if (!this.#closeRequested) await this[Symbol.asyncDispose]();
  }

  /** Closes it now. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#closeRequested = false;
    const opened = this.#opened;
    this.#opened = undefined;
    await (await opened?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  async #openOnce(): Promise<T> {
    try {
      return await this.#open();
    } catch (error) {
      // The next use retries.
      this.#opened = undefined;
      throw error;
    }
  }
}
