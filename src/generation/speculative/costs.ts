/** The cost of one more token, in steps, until something was measured; and the range of measured values that is believed. */
const assumedExtra = 0.4;
const minExtra = 0.02;
const maxExtra = 1;
/** Window of the running median, in steps. The median ignores steps that something else on the machine delayed. */
const windowLength = 32;
/** Steps are compared only if their sequences differ in length by at most this many tokens: longer ones take longer to attend to. */
const comparableDistance = 128;
/** How many copies of the assumption the window starts with. */
const priorWeight = 4;
/** After every run of this many steps without drafts the assumption is added once more, so that drafts are tried again. */
const retryInterval = 16;

/**
 * Estimates what verifying drafted tokens costs from the durations of past steps. The cost varies widely: on one machine a step of eight
 * tokens takes as long as two of one token, on another as long as four.
 */
export class StepCosts {
  /** Recent steps without drafts. */
  readonly #plain: { readonly position: number; readonly ms: number }[] = [];
  /** Additional cost of recent steps with drafts, in steps per token. */
  readonly #extras: number[] = new Array<number>(priorWeight).fill(assumedExtra);
  #extra = assumedExtra;
  /** Steps without drafts since the last one with a draft. */
  #plainInRow = 0;

  /**
   * Records the duration of a step that ran the last token of a sequence and a draft, with logits for all of them.
   * @param drafted number of drafted tokens
   * @param ms duration of the step
   * @param position length of the sequence in tokens, without the draft
   */
  record(drafted: number, ms: number, position: number): void {
    if (!(ms > 0)) return;
    if (drafted === 0) {
      append(this.#plain, { position, ms });
      if (++this.#plainInRow % retryInterval === 0) this.#recordExtra(assumedExtra);
      return;
    }
    this.#plainInRow = 0;
    const comparable = this.#plain.filter((step) => Math.abs(step.position - position) <= comparableDistance);
    if (comparable.length > 0) this.#recordExtra((ms / median(comparable.map((step) => step.ms)) - 1) / drafted);
  }

  /** The cost of a step with this many drafted tokens, in steps without drafts. */
  of(drafted: number): number {
    return 1 + this.#extra * drafted;
  }

  /** Median duration of a step without drafts, in ms; undefined until there was one. */
  get plainMs(): number | undefined {
    return this.#plain.length > 0 ? median(this.#plain.map(({ ms }) => ms)) : undefined;
  }

  #recordExtra(extra: number): void {
    append(this.#extras, extra);
    this.#extra = Math.min(Math.max(median(this.#extras), minExtra), maxExtra);
  }
}

function append<T>(values: T[], value: T): void {
  values.push(value);
  if (values.length > windowLength) values.shift();
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
