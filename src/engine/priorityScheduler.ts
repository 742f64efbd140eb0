/** Who goes first at the model: the higher number. */
export const priority = { completion: 3, candidates: 2, generate: 1, idle: 0 } as const;

interface Waiting {
  readonly rank: number;
  readonly go: () => void;
}

/**
 * Requests take turns at the one model: one runs at a time, and between two steps it hands over to a waiting request of higher
 * priority and goes on when that is done. A keystroke thus never waits for more than one step of Generate.
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
   * Runs `task` when its turn has come. The task calls `pause` between its steps.
   * @param signal aborted when the task is to end: then it keeps its turn for that, so that it does not hold anything while
   *   others go first.
   * @returns what the task returns, and throws what it throws.
   */
  async run<T>(
    rank: number,
    task: (pause: () => Promise<void>) => Promise<T>,
    signal: { readonly aborted: boolean } = { aborted: false },
  ): Promise<T> {
    await this.#take(rank);
    try {
      return await task(() => this.#pause(rank, signal));
    } finally {
      this.#pass();
    }
  }

  async #pause(rank: number, signal: { readonly aborted: boolean }): Promise<void> {
    await this.#yieldToHost();
    if (!signal.aborted && this.#waiting.some((other) => other.rank > rank)) {
      const back = this.#enqueue(rank, "first");
      this.#pass();
      await back;
    }
  }

  async #take(rank: number): Promise<void> {
    if (this.#running) await this.#enqueue(rank, "last");
    else this.#running = true;
  }

  /** Waits among those of the same rank, before (a request that was interrupted) or behind them. */
  #enqueue(rank: number, place: "first" | "last"): Promise<void> {
    return new Promise((go) => {
      const index = this.#waiting.findIndex((other) => (place === "first" ? other.rank <= rank : other.rank < rank));
      this.#waiting.splice(index < 0 ? this.#waiting.length : index, 0, { rank, go });
    });
  }

  /** Hands the model to the first in the queue. */
  #pass(): void {
    const next = this.#waiting.shift();
    if (next) next.go();
    else this.#running = false;
  }
}
