import { type LineFacts, lineFacts, type MatchedLine } from "./lineFacts";
import { selectionWeights } from "./selectionWeights";
import type { Surroundings } from "./surroundings";

/** What is known of a line before the model scores it, in the order of {@link selectionWeights}. */
export const selectionFeatureNames = [
  "log of the match length",
  "log of the occurrences",
  "same next line",
  "same file",
  "log of the names that are not near",
  "opens, but nothing follows in it",
  "does not open what follows",
  "log of the tokens alike before",
  "log of the tokens alike after",
  "is renamed",
] as const;

/** So many of the lines, those that are most likely right as far as can be told without the model. */
export function selectLines<Line extends MatchedLine>(
  lines: readonly Line[],
  around: Surroundings,
  count: number,
): Line[] {
  if (lines.length <= count) return [...lines];
  return lines
    .map((line) => ({ line, score: selectionScore(lineFacts(line, around)) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, count)
    .map(({ line }) => line);
}

export function selectionFeatures(facts: LineFacts): number[] {
  return [
    Math.log1p(facts.matchLength),
    Math.log1p(facts.occurrences),
    facts.sameNextLine,
    facts.sameFile,
    Math.log1p(facts.unknownNames),
    facts.opensNothing,
    facts.missesOpening,
    Math.log1p(facts.alikeBefore),
    Math.log1p(facts.alikeAfter),
    facts.isRenamed,
  ];
}

/** The higher, the likelier a line is right; the softmax of the scores at a cursor is the probability of each if one is. */
export function selectionScore(facts: LineFacts): number {
  return selectionFeatures(facts).reduce((sum, feature, i) => sum + feature * (selectionWeights[i] ?? 0), 0);
}
