import { logProbability } from "../completion/core/ranking/features";
import type { LineDecision } from "../completion/core/ranking/suggestLine";
import type { WhyView } from "./views";

/**
 * What the Why tab shows.
 * @param decision the last one; undefined before the first
 * @param showPath the path of a file by its URI, as a person knows it
 * @param lineScores whether what completes scores lines
 */
export function whyView(
  decision: LineDecision | undefined,
  showPath: (uri: string) => string,
  lineScores = true,
): WhyView {
  if (!lineScores) return { kind: "unranked" };
  if (!decision) return { kind: "undecided" };
  const { linePrefix, text, part, threshold } = decision;
  const lines = decision.lines.map((line) => ({
    text: line.text,
    probability: line.probability,
    logProbability: line.score.tokens.length > 0 ? logProbability(line) : null,
    fromModel: line.fromModel,
    isRenamed: line.isRenamed ?? false,
    places: line.matches.map((match) => ({ uri: match.uri, file: showPath(match.uri), line: match.line + 1 })),
  }));
  return { kind: "why", linePrefix, shown: text !== "", ...(part && { part }), threshold, lines };
}
