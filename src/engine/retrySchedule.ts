/** Milliseconds until something that failed is tried again; twice as long after each further failure. */
const firstRetryMs = 5 * 60_000;

/** When something that failed is tried again. Times are milliseconds, from any clock. */
export class RetrySchedule {
  #retryMs = firstRetryMs;
  #retryAt: number;

  /** @param now when it failed first */
  constructor(now: number) {
    this.#retryAt = now + firstRetryMs;
  }

  isDue(now: number): boolean {
    return now >= this.#retryAt;
  }

  /** Waits twice as long from now on: it failed again. */
  postpone(now: number): void {
    this.#retryMs *= 2;
    this.#retryAt = now + this.#retryMs;
  }
}
