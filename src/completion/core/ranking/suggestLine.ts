import type { LineScore, ScoreRequest } from "../../../generation/ranking/scoreLines";
import { isClosing, type Cursor } from "../cursor";
import { requestAt, type RequestSettings } from "../request";
import type { WorkspaceMatch, WorkspaceQuery } from "../workspace/types";
import { lineCandidates, type LineCandidate } from "./lineCandidates";
import { rankLines, type RankedLine } from "./ranker";

/** Matches that are asked of the workspace. */
export const maxMatches = 32;

/** What is suggested at a cursor, and why. */
export interface LineDecision {
  /** The cursor's line up to the cursor. */
  readonly linePrefix: string;
  /** Empty when nothing is sure enough. */
  readonly text: string;
  /** All lines that were considered, the likeliest first. */
  readonly lines: readonly RankedLine[];
  /** The least probability at which a line would have been shown. */
  readonly threshold: number;
}

/** What there is to choose from at a cursor. */
export interface LineChoice {
  readonly cursor: Cursor;
  readonly settings: RequestSettings;
  /** What the model wrote. It may go on after its first line. */
  readonly modelText: string;
  readonly matches: readonly WorkspaceMatch[];
  readonly threshold: number;
}

/** Whether lines are ranked at a cursor: nothing but closing brackets may follow it on its line. */
export function canRankAt({ lineRest }: Cursor): boolean {
  return isClosing(lineRest);
}

/** What is asked of the workspace at a cursor. */
export function workspaceQueryAt({ document, before, after }: Cursor): WorkspaceQuery {
  return { uri: document, prefix: before, suffix: after, limit: maxMatches };
}

/**
 * Has the model score its own line and the workspace's, and chooses among them.
 * @param scoreLines gives no scores when it was stopped
 * @returns undefined when scoring was stopped
 */
export async function suggestLine(
  { cursor, settings, modelText, matches, threshold }: LineChoice,
  scoreLines: (request: ScoreRequest) => Promise<readonly LineScore[]>,
): Promise<LineDecision | undefined> {
  const candidates = lineCandidates(modelText, matches);
  if (candidates.length === 0) return { linePrefix: cursor.linePrefix, text: "", lines: [], threshold };
  const scores = await scoreLines({ ...requestAt(cursor, settings), lines: candidates.map(({ text }) => text) });
  return scores.length > 0 ? decide(cursor, modelText, candidates, scores, threshold) : undefined;
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
  const { linePrefix } = cursor;
  const [best] = lines;
  if (!best || best.probability < threshold) return { linePrefix, text: "", lines, threshold };
  return { linePrefix, text: best.fromModel ? modelText : best.text, lines, threshold };
}
