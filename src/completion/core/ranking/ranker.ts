import type { Cursor } from "../cursor";
import { coefficients, type RankerCoefficients } from "./coefficients";
import { featuresOf, type ScoredLine } from "./features";

/** A line with the probability that it is what will be written. */
export interface RankedLine extends ScoredLine {
  readonly probability: number;
}

/**
 * Ranks the lines that may follow a cursor by the probability that they are right: a logistic regression over {@link featuresOf},
 * fitted by `npm run fit-ranker`. The likeliest line comes first.
 */
export function rankLines(
  lines: readonly ScoredLine[],
  cursor: Pick<Cursor, "before" | "after">,
  ranker: RankerCoefficients = coefficients,
): RankedLine[] {
  const features = featuresOf(lines, cursor);
  return lines
    .map((line, index) => ({ ...line, probability: probabilityOf(features[index] ?? [], ranker) }))
    .sort((a, b) => b.probability - a.probability);
}

/** The logistic function of the weighted, standardized features. */
export function probabilityOf(
  features: readonly number[],
  { intercept, means, deviations, weights }: RankerCoefficients,
): number {
  const sum = features.reduce((total, feature, i) => {
    return total + ((weights[i] ?? 0) * (feature - (means[i] ?? 0))) / (deviations[i] ?? 1);
  }, intercept);
  return 1 / (1 + Math.exp(-sum));
}
