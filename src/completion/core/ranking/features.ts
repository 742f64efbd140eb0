import type { LineScore } from "../../../generation/ranking/scoreLines";
import type { Cursor } from "../cursor";
import { longestContext } from "../workspace/sortPositions";
import type { LineCandidate } from "./lineCandidates";

/** A candidate with what the model thinks of it. */
export interface ScoredLine extends LineCandidate {
  readonly score: LineScore;
}

/** Natural logarithms of probabilities are cut off here, so that one absurd token does not outweigh everything else. */
const floor = -20;
/** Characters around the cursor in which the names of a line are looked up. */
const contextCharacters = 600;

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
] as const;

/** The features of each line. */
export function featuresOf(lines: readonly ScoredLine[], cursor: Pick<Cursor, "before" | "after">): number[][] {
  const near = namesIn(`${cursor.before.slice(-contextCharacters)} ${cursor.after.slice(0, contextCharacters / 2)}`);
  const nextLine = nextLineOf(cursor.after);
  const longest = Math.max(0, ...lines.map(matchLength));
  const withLongest = lines.filter((line) => matchLength(line) === longest).length;
  const occurrences = lines.reduce((sum, line) => sum + occurrencesOf(line), 0);
  const best = Math.max(...lines.map(logProbability));
  const mass = lines.reduce((sum, line) => sum + Math.exp(logProbability(line) - best), 0);
  return lines.map((line) => {
    const { tokens, end } = line.score;
    const length = matchLength(line);
    const own = line.fromModel ? 1 : 0;
    const names = namesIn(line.text);
    const unknown = [...names].filter((name) => !near.has(name)).length;
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
      Math.min(length, longestContext) / longestContext,
      Math.log1p(length),
      Math.log1p(longest),
      length === longest && longest > 0 ? 1 : 0,
      withLongest,
      nextLine !== "" && line.matches.some((match) => match.nextLine.trim() === nextLine) ? 1 : 0,
      Math.log1p(occurrencesOf(line)),
      occurrencesOf(line) / Math.max(1, occurrences),
      Math.log1p(unknown),
      unknown / Math.max(1, names.size),
      Math.exp(total - best) / mass,
      lines.length,
    ];
  });
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

function matchLength({ matches }: LineCandidate): number {
  return Math.max(0, ...matches.map((match) => match.matchLength));
}

function occurrencesOf({ matches }: LineCandidate): number {
  return Math.max(0, ...matches.map((match) => match.occurrences));
}

function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu));
}

/** The first line after the cursor's that is not blank. */
function nextLineOf(after: string): string {
  return /\n\s*(\S.*)/.exec(after)?.[1]?.trim() ?? "";
}
