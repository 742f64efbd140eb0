import type { RequestControl } from "../control";

type Tokens = readonly number[];

/** Proposes how a sequence may continue, so that the model can verify several tokens in one step. */
export interface Drafter {
  /**
   * Drafts tokens that may follow `sequence`.
   * @param limit the most tokens to draft
   * @param control a drafter that takes time pauses with it, and gives up when the request is cancelled
   * @returns the draft; empty if there is nothing worth verifying
   */
  propose(sequence: Tokens, limit: number, control: RequestControl): Tokens | Promise<Tokens>;
  /**
   * Reports which tokens followed the sequence of the last draft.
   * @param chosen the accepted tokens of the draft and the one after them
   * @param cost of the step, in steps without drafts, if it verified the draft of another drafter
   */
  record(chosen: Tokens, cost?: number): void;
}

/** A drafter whose drafts take time themselves. */
export interface CostlyDrafter extends Drafter {
  /** What the last draft and the step that verified it cost, in steps without drafts. */
  readonly cost: number;
}

/** Drafts nothing: one token per step. */
export const noDrafts: Drafter = { propose: () => [], record: () => undefined };

/** Limits the drafts of a drafter to a number of tokens that may change as the text grows. */
export function limitDrafts(limit: () => number, drafter: Drafter): Drafter {
  return {
    propose: (sequence, most, control) => drafter.propose(sequence, Math.max(0, Math.min(most, limit())), control),
    record: (chosen, cost) => drafter.record(chosen, cost),
  };
}

/** Uses a drafter that takes no time, and falls back to a costly one where the first has no draft. Both learn from every step. */
export class FallbackDrafter implements Drafter {
  readonly #first: Drafter;
  readonly #fallback: CostlyDrafter;
  #fellBack = false;

  constructor(first: Drafter, fallback: CostlyDrafter) {
    this.#first = first;
    this.#fallback = fallback;
  }

  async propose(sequence: Tokens, limit: number, control: RequestControl): Promise<Tokens> {
    const draft = await this.#first.propose(sequence, limit, control);
    this.#fellBack = draft.length === 0;
    return this.#fellBack ? this.#fallback.propose(sequence, limit, control) : draft;
  }

  record(chosen: Tokens): void {
    this.#first.record(chosen, this.#fellBack ? this.#fallback.cost : undefined);
    this.#fallback.record(chosen);
  }
}
