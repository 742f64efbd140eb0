import type { LineScore } from "../../../generation/ranking/scoreLines";
import type { Cursor } from "../cursor";
import { longestContext } from "../workspace/sortPositions";
import type { LineCandidate } from "./lineCandidates";
import { lineFacts } from "./lineFacts";
import { selectionScore } from "./selection";
import { surroundingsOf } from "./surroundings";

/** A candidate with what the model thinks of it. */
export interface ScoredLine extends LineCandidate {
  readonly score: LineScore;
}

/** Natural logarithms of probabilities are cut off here, so that one absurd token does not outweigh everything else. */
const floor = -20;

/**
 * What the ranker knows of a line, in the order of its coefficients. Log-probabilities are per token or per character where they can be,
 * so that they mean about the same for another model.
 */
export const featureNames = [
  "log-probability per token",
  "log-probability per character",
  "least likely token",
  "first token",
  "end of the line",
  "written by the model",
  "written by the model, log-probability",
  "written by the model, log of the longest match",
  "match length, share of what is compared",
  "log of the match length",
  "log of the longest match at the cursor",
  "has the longest match",
  "lines with the longest match",
  "same next line",
  "log of the occurrences",
  "share of the occurrences",
  "log of the names that are not near",
  "share of the names that are not near",
  "share of the model's probability",
  "lines to choose from",
  "opens what follows",
  "opens, but nothing follows in it",
  "does not open what follows",
  "log of the tokens alike before",
  "log of the tokens alike after",
  "most tokens alike before",
  "most tokens alike after",
  "stands near already",
  "is the next line",
  "is in the same file",
  "selection, below the best line",
  "share by selection",
  "is renamed",
] as const;

/** The features of each line. */
export function featuresOf(lines: readonly ScoredLine[], cursor: Pick<Cursor, "before" | "after">): number[][] {
  const around = surroundingsOf(cursor);
  const known = lines.map((line) => {
    const fact = lineFacts(line, around);
    return { line, fact, selection: selectionScore(fact) };
  });
  const facts = known.map(({ fact }) => fact);
  const longest = Math.max(0, ...facts.map(({ matchLength }) => matchLength));
  const withLongest = facts.filter(({ matchLength }) => matchLength === longest).length;
  const allOccurrences = facts.reduce((sum, { occurrences }) => sum + occurrences, 0);
  const alikeBefore = Math.max(1, ...facts.map((fact) => fact.alikeBefore));
  const alikeAfter = Math.max(1, ...facts.map((fact) => fact.alikeAfter));
  const selections = known.map(({ selection }) => selection);
  const bestSelection = Math.max(...selections);
  const selectionMass = selections.reduce((sum, selection) => sum + Math.exp(selection - bestSelection), 0);
  const best = Math.max(...lines.map(logProbability));
  const mass = lines.reduce((sum, line) => sum + Math.exp(logProbability(line) - best), 0);
  return known.map(({ line, fact, selection }) => {
    const { tokens, end } = line.score;
    const own = line.fromModel ? 1 : 0;
    const total = logProbability(line);
    return [
      total / Math.max(1, tokens.length),
      total / Math.max(1, line.text.length),
      tokens.length === 0 ? floor : clipped(Math.min(...tokens)),
      clipped(tokens[0] ?? floor),
      clipped(end),
      own,
      own * total,
      own * Math.log1p(longest),
      Math.min(fact.matchLength, longestContext) / longestContext,
      Math.log1p(fact.matchLength),
      Math.log1p(longest),
      fact.matchLength === longest && longest > 0 ? 1 : 0,
      withLongest,
      fact.sameNextLine,
      Math.log1p(fact.occurrences),
      fact.occurrences / Math.max(1, allOccurrences),
      Math.log1p(fact.unknownNames),
      fact.unknownNames / Math.max(1, fact.names),
      Math.exp(total - best) / mass,
      lines.length,
      fact.opensNext,
      fact.opensNothing,
      fact.missesOpening,
      Math.log1p(fact.alikeBefore),
      Math.log1p(fact.alikeAfter),
      fact.alikeBefore === alikeBefore ? 1 : 0,
      fact.alikeAfter === alikeAfter ? 1 : 0,
      fact.isNear,
      fact.isNextLine,
      fact.sameFile,
      selection - bestSelection,
      Math.exp(selection - bestSelection) / selectionMass,
      fact.isRenamed,
    ];
  });
}

/** That all tokens of some are right, by their log-probabilities. */
export function jointProbability(tokens: readonly number[]): number {
  return Math.exp(tokens.reduce((sum, token) => sum + token, 0));
}

/** Of the whole line and its end. A line that could not be scored is as unlikely as can be. */
export function logProbability({ score: { tokens, end } }: ScoredLine): number {
  if (tokens.length === 0) return 4 * floor;
  return Math.max(
    4 * floor,
    tokens.reduce((sum, token) => sum + token, end),
  );
}

function clipped(logProbability: number): number {
  return Math.max(floor, logProbability);
}
