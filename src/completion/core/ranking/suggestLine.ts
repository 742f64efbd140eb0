import type { LineScore } from "../../../generation/ranking/scoreLines";
import type { Cursor } from "../cursor";
import type { LineCandidate } from "./lineCandidates";
import { rankLines, type RankedLine } from "./ranker";

/** How sure a line must be to be shown. */
export type Eagerness = "shy" | "balanced" | "eager";

/**
 * The least probability of a line that is shown. On repositories that neither model nor ranker had seen, about 80, 65 and 55 % of the
 * lines shown were right; `npm run eval` measures it.
 */
export const thresholds: Readonly<Record<Eagerness, number>> = { shy: 0.45, balanced: 0.2, eager: 0.1 };

/** Matches that are asked of the workspace. */
export const maxMatches = 32;

/** What is suggested at a cursor, and why. */
export interface LineDecision {
  /** Empty when nothing is sure enough. */
  readonly text: string;
  /** All lines that were considered, the likeliest first. */
  readonly lines: readonly RankedLine[];
  /** The least probability at which a line would have been shown. */
  readonly threshold: number;
}

/**
 * Chooses among what the model wrote and what the workspace has.
 * @param modelText may go on after its first line, and then goes with it
 */
export function decide(
  cursor: Cursor,
  modelText: string,
  candidates: readonly LineCandidate[],
  scores: readonly LineScore[],
  threshold: number,
): LineDecision {
  const scored = candidates.flatMap((line, index) => {
    const score = scores[index];
    return score ? [{ ...line, score }] : [];
  });
  const lines = rankLines(scored, cursor);
  const [best] = lines;
  if (!best || best.probability < threshold) return { text: "", lines, threshold };
  return { text: best.fromModel ? modelText : best.text, lines, threshold };
}
