import type { StepCosts } from "./stepCosts";

/** What the next measurement counts. */
const weight = 0.1;
/** A measurement is believed up to so many times what was known: something else may have held it up. */
const believed = 3;

/**
 * What the guesses of a draft model cost, in steps of the model that it drafts for. What it must read when it comes to a text is left out: that
 * is paid once.
 */
export class DraftModelCosts {
  /** Milliseconds for a guess. */
  #guessMs: number | undefined;

  /**
   * @param steps of the model
   * @param assumed what a guess costs until both models were measured
   */
  constructor(
    private readonly steps: Pick<StepCosts, "plainMs">,
    private readonly assumed: number,
  ) {}

  /** What another guess costs. */
  get guess(): number {
    const { plainMs } = this.steps;
    return plainMs === undefined || this.#guessMs === undefined ? this.assumed : this.#guessMs / plainMs;
  }

  /** Notes how long a guess took. */
  record(ms: number): void {
    if (!(ms > 0)) return;
    const known = this.#guessMs ?? ms;
    this.#guessMs = (1 - weight) * known + weight * Math.min(ms, believed * known);
  }
}
