/** What one more token costs, in steps, until something was measured. */
const assumedExtra = 0.4;
const leastExtra = 0.02;
const mostExtra = 1;
/** So many of the last steps count; the median of them, since any step may be held up by something else on the machine. */
const remembered = 32;
/** Assumptions that stand beside the first measurements. */
const assumptions = 4;
/** After so many steps in a row without drafts the assumption counts anew, so that drafts are tried again. */
const longPlain = 16;

/**
 * What checking drafted tokens costs, learned from how long the steps of the running engine took. That differs much: on one machine a step
 * of eight tokens takes as long as two of one, on another as long as four.
 */
export class StepCosts {
  /** Milliseconds of steps of one token. */
  readonly #plain: number[] = [];
  /** What steps with drafts cost more, in steps per token. */
  readonly #extras: number[] = new Array<number>(assumptions).fill(assumedExtra);
  #extra = assumedExtra;
  /** Steps without drafts since the last one with some. */
  #plainInRow = 0;

  /** Notes what a step took that ran the last token of a text and so many drafted ones behind it, with logits for all. */
  record(drafted: number, ms: number): void {
    if (!(ms > 0)) return;
    if (drafted === 0) {
      keep(this.#plain, ms);
      if (++this.#plainInRow % longPlain === 0) this.#keepExtra(assumedExtra);
    } else if (this.#plain.length > 0) {
      this.#plainInRow = 0;
      this.#keepExtra((ms / median(this.#plain) - 1) / drafted);
    }
  }

  /** What a step with so many drafted tokens costs, in steps without any. */
  of(drafted: number): number {
    return 1 + this.#extra * drafted;
  }

  #keepExtra(extra: number): void {
    keep(this.#extras, extra);
    this.#extra = Math.min(Math.max(median(this.#extras), leastExtra), mostExtra);
  }
}

function keep(values: number[], value: number): void {
  values.push(value);
  if (values.length > remembered) values.shift();
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
