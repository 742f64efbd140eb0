const bins = 10;
/** The draft model's own probability counts like this many observations. */
const priorWeight = 4;
/** Weight of past observations after each new one: they fade exponentially. */
const observationDecay = 0.99;
/** The assumed mean acceptance, and how many observations it counts for. */
const assumedAcceptance = 0.6;
const assumedWeight = 8;

/** Estimates how likely a draft model's token is accepted from the probability that the draft model gave it (histogram binning). */
export class ConfidenceCalibration {
  readonly #accepted = new Float64Array(bins);
  readonly #rejected = new Float64Array(bins);
  #allAccepted = assumedAcceptance * assumedWeight;
  #all = assumedWeight;

  /** The probability that a token is accepted. @param confidence the draft model's probability */
  acceptance(confidence: number): number {
    const bin = binOf(confidence);
    const accepted = priorWeight * confidence + (this.#accepted[bin] ?? 0);
    return accepted / (priorWeight + (this.#accepted[bin] ?? 0) + (this.#rejected[bin] ?? 0));
  }

  /** The probability that a token is accepted whose confidence is not known yet. */
  get meanAcceptance(): number {
    return this.#allAccepted / this.#all;
  }

  /** Records whether a token was right, whether it was part of the draft or not. */
  record(confidence: number, isRight: boolean): void {
    const bin = binOf(confidence);
    this.#accepted[bin] = observationDecay * (this.#accepted[bin] ?? 0) + (isRight ? 1 : 0);
    this.#rejected[bin] = observationDecay * (this.#rejected[bin] ?? 0) + (isRight ? 0 : 1);
    this.#allAccepted = observationDecay * this.#allAccepted + (isRight ? 1 : 0);
    this.#all = observationDecay * this.#all + 1;
  }
}

function binOf(confidence: number): number {
  return Math.min(Math.floor(bins * confidence), bins - 1);
}
