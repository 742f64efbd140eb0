/** What one more token costs, in steps, until something was measured. */
const assumedExtra = 0.4;
const leastExtra = 0.02;
const mostExtra = 1;
/** So many of the last steps count; the median of them, since any step may be held up by something else on the machine. */
const remembered = 32;
/** Steps whose texts differ in length by more than this are not compared: one that looks back on more takes longer. */
const comparable = 128;
/** Assumptions that stand beside the first measurements. */
const assumptions = 4;
/** After so many steps in a row without drafts the assumption counts anew, so that drafts are tried again. */
const longPlain = 16;

/**
 * What checking drafted tokens costs, learned from how long the steps of the running engine took. That differs much: on one machine a step
 * of eight tokens takes as long as two of one, on another as long as four.
 */
export class StepCosts {
  /** Steps of one token. */
  readonly #plain: { readonly position: number; readonly ms: number }[] = [];
  /** What steps with drafts cost more, in steps per token. */
  readonly #extras: number[] = new Array<number>(assumptions).fill(assumedExtra);
  #extra = assumedExtra;
  /** Steps without drafts since the last one with some. */
  #plainInRow = 0;

  /**
   * Notes what a step took that ran the last token of a text and so many drafted ones behind it, with logits for all.
   * @param position tokens of the text
   */
  record(drafted: number, ms: number, position: number): void {
    if (!(ms > 0)) return;
    if (drafted === 0) {
      keep(this.#plain, { position, ms });
      if (++this.#plainInRow % longPlain === 0) this.#keepExtra(assumedExtra);
      return;
    }
    this.#plainInRow = 0;
    const alike = this.#plain.filter((step) => Math.abs(step.position - position) <= comparable);
    if (alike.length > 0) this.#keepExtra((ms / median(alike.map((step) => step.ms)) - 1) / drafted);
  }

  /** What a step with so many drafted tokens costs, in steps without any. */
  of(drafted: number): number {
    return 1 + this.#extra * drafted;
  }

  /** Milliseconds of a step without drafts; undefined until there was one. */
  get plainMs(): number | undefined {
    return this.#plain.length > 0 ? median(this.#plain.map(({ ms }) => ms)) : undefined;
  }

  #keepExtra(extra: number): void {
    keep(this.#extras, extra);
    this.#extra = Math.min(Math.max(median(this.#extras), leastExtra), mostExtra);
  }
}

function keep<T>(values: T[], value: T): void {
  values.push(value);
  if (values.length > remembered) values.shift();
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
