import type { LineScore, ScoreRequest } from "../../../generation/ranking/scoreLines";
import type { Cursor } from "../cursor";
import { isProse } from "../languages";
import { canRankAt, type LineChoice, type LineDecision, suggestLine } from "./suggestLine";
import { suggestPhrase } from "./suggestPhrase";

/** Whether lines of the workspace are among what {@link suggest} chooses from. */
export function usesWorkspaceAt(cursor: Cursor): boolean {
  return canRankAt(cursor) && !isProse(cursor.languageId);
}

/**
 * Chooses what to suggest at a cursor: a line of code, or a phrase of prose.
 * @param scoreLines gives no scores when it was stopped
 * @returns undefined when scoring was stopped
 */
export function suggest(
  choice: LineChoice,
  scoreLines: (request: ScoreRequest) => Promise<readonly LineScore[]>,
): Promise<LineDecision | undefined> {
  return isProse(choice.cursor.languageId) ? suggestPhrase(choice, scoreLines) : suggestLine(choice, scoreLines);
}
