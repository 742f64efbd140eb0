/** The balance to begin with, its maximum, and the balance for a retry, in steps of the target model. */
const balances = { initial: 6, max: 8, retry: 2 } as const;
/** Steps without drafts before a retry: at first, and at most. The interval doubles with each retry. */
const retryIntervals = { initial: 16, max: 256 } as const;

/**
 * Decides whether drafting with a model pays. The budget is a balance of time: a draft costs what it takes and earns what it saves. When
 * the balance is used up, drafting is suspended and retried ever less often. So drafts that gain nothing, for whatever reason, cost little.
 */
export class DraftBudget {
  #balance: number = balances.initial;
  #retryInterval: number = retryIntervals.initial;
  #suspendedSteps = 0;
  /** Whether the next step is the first since the balance was granted. */
  #isFirstOfTrial = true;

  /** Whether to draft in the next step; to be called once for each step. */
  mayDraft(): boolean {
    if (this.#balance > 0) return true;
    if (++this.#suspendedSteps < this.#retryInterval) return false;
    this.#suspendedSteps = 0;
    this.#retryInterval = Math.min(2 * this.#retryInterval, retryIntervals.max);
    this.#balance = balances.retry;
    this.#isFirstOfTrial = true;
    return true;
  }

  /**
   * Records a step for which drafting was allowed, whether or not there was a draft.
   * @param tokens how many tokens the step produced
   * @param cost of drafting and verifying, in steps without drafts
   * @param readCost what the draft model's reading of new text cost besides. A trial gets it for free, or it could not succeed
   */
  recordStep(tokens: number, cost: number, readCost = 0): void {
    const spent = this.#isFirstOfTrial ? cost : cost + readCost;
    this.#isFirstOfTrial = false;
    this.#balance = Math.min(this.#balance + tokens - spent, balances.max);
    if (this.#balance === balances.max) this.#retryInterval = retryIntervals.initial;
  }
}
