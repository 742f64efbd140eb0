import type { StepCosts } from "../costs";

/** Weight of a new measurement in the moving average. */
const newWeight = 0.1;
/** A measurement counts as at most this many times the average: something else may have delayed it. */
const maxRatio = 3;

/** Estimates what a draft model's tokens cost, in steps of the target model. Reading a prompt is not included: that is paid once. */
export class DraftModelCosts {
  readonly #targetCosts: Pick<StepCosts, "plainMs">;
  readonly #initialEstimate: number;
  /** Milliseconds per drafted token, as a moving average. */
  #tokenMs: number | undefined;

  /**
   * @param targetCosts of the model that verifies the drafts
   * @param initialEstimate the cost of a token until both models were measured
   */
  constructor(targetCosts: Pick<StepCosts, "plainMs">, initialEstimate: number) {
    this.#targetCosts = targetCosts;
    this.#initialEstimate = initialEstimate;
  }

  /** The cost of one more drafted token, in steps of the target model without drafts. */
  get perToken(): number {
    const { plainMs } = this.#targetCosts;
    return plainMs === undefined || this.#tokenMs === undefined ? this.#initialEstimate : this.#tokenMs / plainMs;
  }

  /** Records how long drafting a token took. */
  record(ms: number): void {
    if (!(ms > 0)) return;
    const average = this.#tokenMs ?? ms;
    this.#tokenMs = (1 - newWeight) * average + newWeight * Math.min(ms, maxRatio * average);
  }
}
