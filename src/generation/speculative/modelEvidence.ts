const buckets = 10;
/** How many observations the draft model's own word counts for. */
const believed = 4;
/** What an observation counts after the next one of its kind. */
const memory = 0.99;
/** The share of right guesses that is assumed at first, counting as so many of them. */
const assumedRight = 0.6;
const assumptions = 8;

/** Steps of the model that drafts may lose before they stop: to begin with, at most, and when they are tried again. */
const credit = { first: 6, most: 8, again: 2 } as const;
/** Steps without drafts before the next trial: at first, and at most. It doubles with each trial in vain. */
const patience = { least: 16, most: 256 } as const;

/**
 * Learns how far a draft model's guesses can be trusted by how sure it is of them, and whether drafting with it pays: drafts have an account
 * of time, from which they take what they cost and into which they pay what they save. When it is empty there are none for a while. So they
 * cost little where they are of no use, whatever the reason.
 */
export class ModelEvidence {
  readonly #right = new Float64Array(buckets);
  readonly #wrong = new Float64Array(buckets);
  #allRight = assumedRight * assumptions;
  #all = assumptions;
  #account: number = credit.first;
  #patience: number = patience.least;
  #silent = 0;
  /** Whether the next step is the first after a grant. */
  #granted = true;

  /** How likely a guess is right of which the draft model was so sure. @param confidence the probability that it gave */
  probability(confidence: number): number {
    const bucket = bucketOf(confidence);
    const right = believed * confidence + (this.#right[bucket] ?? 0);
    return right / (believed + (this.#right[bucket] ?? 0) + (this.#wrong[bucket] ?? 0));
  }

  /** How likely a guess is right of which nothing is known yet. */
  get usual(): number {
    return this.#allRight / this.#all;
  }

  /** Notes whether a guess was right, drafted or only thought of. */
  record(confidence: number, right: boolean): void {
    const bucket = bucketOf(confidence);
    this.#right[bucket] = memory * (this.#right[bucket] ?? 0) + (right ? 1 : 0);
    this.#wrong[bucket] = memory * (this.#wrong[bucket] ?? 0) + (right ? 0 : 1);
    this.#allRight = memory * this.#allRight + (right ? 1 : 0);
    this.#all = memory * this.#all + 1;
  }

  /** Whether to draft in the step to come; to be asked once for each. */
  wanted(): boolean {
    if (this.#account > 0) return true;
    if (++this.#silent < this.#patience) return false;
    this.#silent = 0;
    this.#patience = Math.min(2 * this.#patience, patience.most);
    this.#account = credit.again;
    this.#granted = true;
    return true;
  }

  /**
   * Notes that a step with a draft, or with the attempt of one, gave so many tokens.
   * @param cost in steps without drafts
   * @param reading what it cost besides to read what the draft model had not read yet. A trial gets that for nothing, or it could not succeed
   */
  recordStep(tokens: number, cost: number, reading = 0): void {
    const paid = this.#granted ? cost : cost + reading;
    this.#granted = false;
    this.#account = Math.min(this.#account + tokens - paid, credit.most);
    if (this.#account === credit.most) this.#patience = patience.least;
  }
}

function bucketOf(confidence: number): number {
  return Math.min(Math.floor(buckets * confidence), buckets - 1);
}
