/** What is known about a drafted token when it is proposed. */
export interface MatchFeatures {
  /** How many tokens before it match those at the end of the sequence, at most {@link maxMatchLength}. */
  readonly matchLength: number;
  /** Whether the matches agree on it: `single` match, `all`, `mostly`, or `divided`. */
  readonly agreement: "divided" | "single" | "mostly" | "all";
}

/** Longer matches predict no better. */
export const maxMatchLength = 12;
/** Weight of past observations after each new one: they fade exponentially. */
const observationDecay = 0.99;
const throughputDecay = 0.98;
const agreements = ["divided", "single", "mostly", "all"] as const;

/** Estimates from past drafts how likely a drafted token is accepted, and how much drafting gains. */
export class AcceptanceEstimator {
  readonly #accepted = new Float64Array((maxMatchLength + 1) * agreements.length);
  readonly #rejected = new Float64Array((maxMatchLength + 1) * agreements.length);
  #throughput = 1.1;

  /** Tokens generated in the time of one step without drafts, as a moving average. */
  get throughput(): number {
    return this.#throughput;
  }

  /** The probability that a token is accepted. Prior: one accepted and one rejected token, or two rejected ones for weak matches. */
  probability(features: MatchFeatures): number {
    const accepted = 1 + (this.#accepted[indexOf(features)] ?? 0);
    const prior = features.agreement === "divided" || features.matchLength === 1 ? 2 : 1;
    const rejected = prior + (this.#rejected[indexOf(features)] ?? 0);
    return accepted / (accepted + rejected);
  }

  /** Records whether a token was right, whether it was drafted or only predicted: so it learns about tokens it would not draft, too. */
  record(features: MatchFeatures, isRight: boolean): void {
    const index = indexOf(features);
    this.#accepted[index] = observationDecay * (this.#accepted[index] ?? 0) + (isRight ? 1 : 0);
    this.#rejected[index] = observationDecay * (this.#rejected[index] ?? 0) + (isRight ? 0 : 1);
  }

  /** Records how many tokens a step produced. @param cost of the step, in steps without drafts */
  recordStep(tokens: number, cost: number): void {
    this.#throughput = throughputDecay * this.#throughput + (1 - throughputDecay) * (tokens / cost);
  }
}

function indexOf({ matchLength, agreement }: MatchFeatures): number {
  return Math.min(matchLength, maxMatchLength) * agreements.length + agreements.indexOf(agreement);
}
