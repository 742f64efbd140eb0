import type { LineScore, ScoreRequest } from "../../../generation/ranking/scoreLines";
import type { Cursor } from "../cursor";
import { requestAt } from "../request";
import { jointProbability } from "./features";
import { postprocess } from "../postprocess/index";
import type { LineChoice, LineDecision } from "./suggestLine";

/** Words after which a sentence may be cut; it is as a whole, too. */
const lengths = [1, 2, 3, 4, 6, 8, 12];

/**
 * Suggests as much of the model's sentence as is likely enough. A sentence can go on in many ways, and the ranker of lines is fitted to code;
 * but the next few words are often certain.
 * @param scoreLines gives no scores when it was stopped
 * @returns undefined when scoring was stopped
 */
export async function suggestPhrase(
  { cursor, settings, modelText, threshold }: Omit<LineChoice, "matches">,
  scoreLines: (request: ScoreRequest) => Promise<readonly LineScore[]>,
): Promise<LineDecision | undefined> {
  const { linePrefix } = cursor;
  const phrases = phrasesOf(modelText, cursor);
  if (phrases.length === 0) return { linePrefix, text: "", lines: [], threshold };
  const scores = await scoreLines({ ...requestAt(cursor, settings), lines: phrases });
  if (scores.length === 0) return undefined;
  const lines = phrases.flatMap((text, index) => {
    const score = scores[index];
    return score ? [{ text, fromModel: true, matches: [], score, probability: probabilityOf(score) }] : [];
  });
  const longest = lines.findLast(({ probability }) => probability >= threshold);
  return { linePrefix, text: longest?.text ?? "", lines, threshold };
}

/** The beginnings of the sentence that follows a cursor, the shortest first. */
function phrasesOf(modelText: string, cursor: Cursor): readonly string[] {
  const sentence = postprocess(modelText, cursor)?.text ?? "";
  const ends = Array.from(sentence.matchAll(/\s*\S+/g), ({ 0: word, index }) => index + word.length);
  const cut = lengths.flatMap((length) => ends[length - 1] ?? []).map((end) => sentence.slice(0, end));
  return [...new Set([...cut, sentence])].filter((phrase) => phrase !== "");
}

/** That all tokens of the phrase are right, in the model's opinion. A phrase that could not be scored is not. */
function probabilityOf({ tokens }: LineScore): number {
  return tokens.length === 0 ? 0 : jointProbability(tokens);
}
