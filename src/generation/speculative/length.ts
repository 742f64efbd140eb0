/** The most tokens that are drafted for one step. */
export const maxDraftLength = 16;

/**
 * The draft length that gains most: it maximizes the expected number of tokens of a step, less what the step costs at the present
 * throughput.
 * @param probabilities for each token of a draft, how likely it is accepted if those before it are
 * @param costOf what a step with this many drafted tokens costs, in steps without drafts
 * @param throughput tokens generated in the time of one step without drafts
 */
export function bestDraftLength(
  probabilities: readonly number[],
  costOf: (drafted: number) => number,
  throughput: number,
): number {
  let best = 0;
  let bestGain = -throughput * costOf(0);
  let reached = 1;
  let expected = 0;
  for (const [i, probability] of probabilities.entries()) {
    reached *= probability;
    expected += reached;
    const gain = expected - throughput * costOf(i + 1);
    if (gain > bestGain) [best, bestGain] = [i + 1, gain];
  }
  return best;
}
