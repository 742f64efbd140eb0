import type { RequestControl } from "../context";

type Tokens = readonly number[];

/** Guesses how a text goes on, so that several tokens can be checked in one step. */
export interface Drafter {
  /**
   * Tokens that may follow `sequence`, at most `room`; none when there is nothing to go by.
   * @param control a drafter that takes long pauses with it, and gives up when the request is cancelled
   */
  propose(sequence: Tokens, room: number, control: RequestControl): Tokens | Promise<Tokens>;
  /**
   * Says which tokens followed the sequence of the last draft.
   * @param chosen the tokens of the draft that were right, and the one that came behind them
   * @param cost what the step cost, in steps without drafts, when it was not this drafter's draft that was checked
   */
  record(chosen: Tokens, cost?: number): void;
}

/** A drafter that takes time itself. */
export interface CostlyDrafter extends Drafter {
  /** What the last draft cost, with the step that checked it, in steps without drafts. */
  readonly cost: number;
}

/** One token for each step. */
export const noDrafts: Drafter = { propose: () => [], record: () => undefined };

/** The drafter with a limit that changes as the text grows. */
export function draftsAtMost(limit: () => number, drafter: Drafter): Drafter {
  return {
    propose: (sequence, room, control) => drafter.propose(sequence, Math.max(0, Math.min(room, limit())), control),
    record: (chosen, cost) => drafter.record(chosen, cost),
  };
}

/** Asks a costly drafter where one that costs nothing has no draft. Both learn from what was chosen. */
export class FreeDraftsFirst implements Drafter {
  #asked = false;

  constructor(
    private readonly free: Drafter,
    private readonly costly: CostlyDrafter,
  ) {}

  async propose(sequence: Tokens, room: number, control: RequestControl): Promise<Tokens> {
    const draft = await this.free.propose(sequence, room, control);
    this.#asked = draft.length === 0;
    return this.#asked ? this.costly.propose(sequence, room, control) : draft;
  }

  record(chosen: Tokens): void {
    this.free.record(chosen, this.#asked ? this.costly.cost : undefined);
    this.costly.record(chosen);
  }
}

export const longestDraft = 16;

/**
 * How many tokens to draft: so many that the tokens to be expected, less what their step costs at the present speed, are most.
 * @param probabilities for each token of a draft, how likely it is right if those before it are
 * @param costOf what a step with so many drafted tokens costs, in steps without any
 * @param speed tokens that come of the time of one step without drafts
 */
export function bestLength(
  probabilities: readonly number[],
  costOf: (drafted: number) => number,
  speed: number,
): number {
  let best = 0;
  let most = -speed * costOf(0);
  let reached = 1;
  let expected = 0;
  for (const [i, probability] of probabilities.entries()) {
    reached *= probability;
    expected += reached;
    const value = expected - speed * costOf(i + 1);
    if (value > most) [best, most] = [i + 1, value];
  }
  return best;
}
