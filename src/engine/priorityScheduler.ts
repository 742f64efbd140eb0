/** Priorities of requests; the higher number runs first. Lines are scored while the model still writes what follows the first of them. */
export const priority = { scores: 4, completion: 3, candidates: 2, generate: 1, idle: 0 } as const;

interface Waiting {
  readonly rank: number;
  readonly start: () => void;
}

/**
 * Serializes requests to the one model. One runs at a time; between two of its steps it yields to a waiting request of higher priority
 * and resumes when that is done. A keystroke thus never waits for more than one step of Generate.
 */
export class PriorityScheduler {
  readonly #yieldToHost: () => Promise<void>;
  #running = false;
  readonly #waiting: Waiting[] = [];

  /** @param yieldToHost lets messages from the host arrive; resolves right after. */
  constructor(yieldToHost: () => Promise<void>) {
    this.#yieldToHost = yieldToHost;
  }

  /**
   * Runs `task` when the model is free for it. The task calls `pause` between its steps.
   * @param signal aborted when the task is to end: it then no longer yields, so that it releases what it holds before others run.
   * @returns what the task returns; throws what it throws.
   */
  async run<T>(
    rank: number,
    task: (pause: () => Promise<void>) => Promise<T>,
    signal: { readonly aborted: boolean } = { aborted: false },
  ): Promise<T> {
    await this.#acquire(rank);
    try {
      return await task(() => this.#pause(rank, signal));
    } finally {
      this.#release();
    }
  }

  async #pause(rank: number, signal: { readonly aborted: boolean }): Promise<void> {
    await this.#yieldToHost();
    if (!signal.aborted && this.#waiting.some((other) => other.rank > rank)) {
      const resumed = this.#enqueue(rank, "first");
      this.#release();
      await resumed;
    }
  }

  async #acquire(rank: number): Promise<void> {
    if (this.#running) await this.#enqueue(rank, "last");
    else this.#running = true;
  }

  /** Waits in the queue: before requests of the same rank (one that yielded) or after them. */
  #enqueue(rank: number, position: "first" | "last"): Promise<void> {
    return new Promise((start) => {
      const index = this.#waiting.findIndex((other) => (position === "first" ? other.rank <= rank : other.rank < rank));
      this.#waiting.splice(index < 0 ? this.#waiting.length : index, 0, { rank, start });
    });
  }

  /** Starts the first request in the queue, if any. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next) next.start();
    else this.#running = false;
  }
}
