/** Guesses how a text goes on, so that several tokens can be checked in one step. */
export interface Drafter {
  /** Tokens that may follow `sequence`, at most `room`; none when there is nothing to go by. */
  propose(sequence: readonly number[], room: number): readonly number[];
  /**
   * Says which tokens followed the sequence of the last draft.
   * @param chosen the tokens of the draft that were right, and the one that came behind them
   */
  record(chosen: readonly number[]): void;
}

/** One token for each step. */
export const noDrafts: Drafter = { propose: () => [], record: () => undefined };

/** The drafter with a limit that changes as the text grows. */
export function draftsAtMost(limit: () => number, drafter: Drafter): Drafter {
  return {
    propose: (sequence, room) => drafter.propose(sequence, Math.max(0, Math.min(room, limit()))),
    record: (chosen) => drafter.record(chosen),
  };
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
