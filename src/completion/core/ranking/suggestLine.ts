import type { LineScore, ScoreRequest } from "../../../generation/ranking/scoreLines";
import { allAfter, allBefore, isClosing, type Cursor } from "../cursor";
import { postprocess } from "../postprocess/index";
import { reindent } from "../postprocess/normalize";
import { hasMoreLines, modelBlock, workspaceBlock } from "./block";
import { requestAt, type RequestSettings } from "../request";
import type { WorkspaceMatch, WorkspaceQuery } from "../workspace/types";
import { lineCandidates, type LineCandidate } from "./lineCandidates";
import { likelyPart, type LinePart } from "./linePart";
import { rankLines, type RankedLine } from "./ranker";

/** Matches that are asked of the workspace. */
export const maxMatches = 128;

/** What is suggested at a cursor, and why. */
export interface LineDecision {
  /** The cursor's line up to the cursor. */
  readonly linePrefix: string;
  /** Empty when nothing is sure enough. */
  readonly text: string;
  /** The beginning of the likeliest line, when only that is sure enough. */
  readonly part?: LinePart | undefined;
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
export function workspaceQueryAt(cursor: Cursor): WorkspaceQuery {
  return { uri: cursor.document, prefix: allBefore(cursor), suffix: allAfter(cursor), limit: maxMatches };
}

/**
 * Has the model score its own line and the workspace's, and chooses among them. A line that begins or continues a block goes on for as long
 * as the lines after it are likely enough.
 * @param scoreLines gives no scores when it was stopped
 * @returns undefined when scoring was stopped
 */
export async function suggestLine(
  { cursor, settings, modelText, matches, threshold }: LineChoice,
  scoreLines: (request: ScoreRequest) => Promise<readonly LineScore[]>,
): Promise<LineDecision | undefined> {
  const candidates = lineCandidates(modelText, matches.map(indentedAs(cursor)), cursor);
  if (candidates.length === 0) return { linePrefix: cursor.linePrefix, text: "", lines: [], threshold };
  const request = requestAt(cursor, settings);
  const scores = await scoreLines({ ...request, lines: candidates.map(({ text }) => text) });
  if (scores.length === 0) return undefined;
  const decision = decide(cursor, modelText, candidates, scores, threshold);
  const [best] = decision.lines;
  if (best?.text !== decision.text || threshold === 0 || request.stop !== "block") return showable(decision, cursor);
  const ownBlock = async () => {
    if (!best.fromModel || !hasMoreLines(modelText, best)) return undefined;
    // Without its score the line stands alone.
    const [score] = await scoreLines({ ...request, lines: [modelText] }).catch(() => []);
    return score && modelBlock(best, modelText, score, cursor, threshold);
  };
  const block = workspaceBlock(best, cursor, threshold) ?? (await ownBlock());
  return showable(block ? { ...decision, text: block.text } : decision, cursor);
}

/** Puts the likeliest line first of which the filters leave something, when they leave nothing of what was decided. */
function showable(decision: LineDecision, cursor: Cursor): LineDecision {
  const { text, lines, threshold } = decision;
  if (text === "" || postprocess(text, cursor)) return decision;
  const other = lines.find((line) => line.probability >= threshold && postprocess(line.text, cursor));
  if (!other) return decision;
  return { ...decision, text: other.text, part: undefined, lines: [other, ...lines.filter((line) => line !== other)] };
}

/** Gives the lines after a match tabs or spaces as the cursor's document has them. */
function indentedAs({ indentation }: Cursor): (match: WorkspaceMatch) => WorkspaceMatch {
  return (match) => {
    const following = match.following.replaceAll(/^[ \t]+/gm, (indent) => reindent(indent, indentation));
    return following === match.following ? match : { ...match, following };
  };
}

/**
 * Chooses among what the model wrote and what the workspace has: the likeliest line, or its beginning when only that is sure enough.
 * @param modelText may go on after its first line; all of it is the suggestion where any line is likely enough, which is when a person asked
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
  if (!best) return { linePrefix, text: "", lines, threshold };
  if (best.probability < threshold) {
    const part = likelyPart(best, cursor, threshold);
    return { linePrefix, text: part?.text ?? "", part, lines, threshold };
  }
  const text = best.fromModel && threshold === 0 ? modelText : best.text;
  return { linePrefix, text, lines, threshold };
}
