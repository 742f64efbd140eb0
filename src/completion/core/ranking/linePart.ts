import type { Cursor } from "../cursor";
import type { ScoredLine } from "./features";
import { possibleEnds } from "./possibleEnd";

/** Fewer characters are typed as fast as they are accepted. */
const shortest = 4;

/** The beginning of a line. */
export interface LinePart {
  readonly text: string;
  /** That what will be written begins so. */
  readonly probability: number;
}

/**
 * The longest beginning of a line that is at least as likely as `threshold` and ends where a person could stop: after a whole name, number,
 * string or call, with nothing left open. How likely a beginning is the model says: unlike its probability of a whole line, that of a few
 * tokens agrees with how often they are right. Undefined when there is none, or the score does not say where tokens end.
 */
export function likelyPart({ text, score }: ScoredLine, cursor: Cursor, threshold: number): LinePart | undefined {
  const isPossible = possibleEnds(cursor);
  return beginnings({ text, score })
    .filter(({ probability }) => probability >= threshold)
    .findLast(({ text: part }) => {
      const isWorthIt = part.trim().length >= shortest && part.length < text.length;
      return isWorthIt && !isInsideWord(text, part.length) && isPossible(part);
    });
}

/** The text up to the end of each token, the shortest first. */
function beginnings({ text, score: { tokens, ends = [] } }: Pick<ScoredLine, "text" | "score">): LinePart[] {
  let sum = 0;
  return tokens.map((token, i) => {
    sum += token;
    return { text: text.slice(0, Math.max(0, ends[i] ?? 0)), probability: Math.exp(sum) };
  });
}

function isInsideWord(text: string, index: number): boolean {
  return /[\p{L}\p{M}\p{N}_$]$/u.test(text.slice(0, index)) && /^[\p{L}\p{M}\p{N}_$]/u.test(text.slice(index));
}
