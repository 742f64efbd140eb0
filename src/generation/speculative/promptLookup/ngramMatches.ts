import { type MatchFeatures, maxMatchLength } from "./acceptanceEstimator";
import type { BigramIndex } from "./bigramIndex";

type Tokens = readonly number[];

/** An occurrence of the last tokens of a sequence, two or more of them, in a text. */
export interface NgramMatch {
  readonly text: Tokens;
  /** The index of the token that follows the match. */
  readonly next: number;
  /** How many tokens match, at most {@link maxMatchLength}. */
  readonly length: number;
}

/** The token that most matches continue with. */
export interface Prediction extends MatchFeatures {
  readonly token: number;
}

/** How many times more a match counts than one that is shorter by one token. */
const weightPerToken = 3;
/** Matches that are shorter than the longest one by more than this many tokens are ignored. */
const lengthSlack = 3;
const maxMatches = 64;
/** From this share of the votes on, the matches mostly agree. */
const majority = 0.66;

/**
 * Finds the occurrences of the end of a sequence in a text.
 * @param tokens those of the indexed text, and further ones that may be appended to them later
 */
export function matchesIn(text: BigramIndex, tokens: Tokens, sequence: Tokens): NgramMatch[] {
  const matches: NgramMatch[] = [];
  for (const next of text.continuations(sequence)) {
    matches.push({ text: tokens, next, length: matchLength(sequence, tokens, next) });
  }
  return matches;
}

/** The matches that are about as long as the longest one. */
export function strongestMatches(matches: readonly NgramMatch[]): NgramMatch[] {
  const longest = longestOf(matches);
  return matches.filter(({ length }) => length >= longest - lengthSlack).slice(0, maxMatches);
}

/** The matches that a token continues, each one token longer. */
export function extendMatches(matches: readonly NgramMatch[], token: number): NgramMatch[] {
  return matches
    .filter(({ text, next }) => text[next] === token)
    .map(({ text, next, length }) => ({ text, next: next + 1, length: Math.min(length + 1, maxMatchLength) }));
}

/** Lets the matches vote on the next token, longer ones with more weight; on a tie the token that was found first wins. */
export function vote(matches: readonly NgramMatch[]): Prediction | undefined {
  const continued = matches.filter(({ text, next }) => next < text.length);
  const longest = longestOf(continued);
  const votes = new Map<number, { weight: number; count: number; matchLength: number }>();
  let total = 0;
  for (const { text, next, length } of continued) {
    const token = text[next] as number;
    const weight = weightPerToken ** (length - longest);
    const earlier = votes.get(token) ?? { weight: 0, count: 0, matchLength: 0 };
    votes.set(token, {
      weight: earlier.weight + weight,
      count: earlier.count + 1,
      matchLength: Math.max(earlier.matchLength, length),
    });
    total += weight;
  }
  const [winner] = [...votes].sort(([, a], [, b]) => b.weight - a.weight);
  if (!winner) return undefined;
  const [token, { weight, count, matchLength }] = winner;
  const isUnanimous = votes.size === 1;
  const agreement = isUnanimous ? (count > 1 ? "all" : "single") : weight >= majority * total ? "mostly" : "divided";
  return { token, matchLength, agreement };
}

function longestOf(matches: readonly NgramMatch[]): number {
  return matches.reduce((longest, { length }) => Math.max(longest, length), 0);
}

/** How many tokens before `next` in `text` equal the last ones of `sequence`. */
function matchLength(sequence: Tokens, text: Tokens, next: number): number {
  let length = 0;
  while (
    length < Math.min(next, maxMatchLength) &&
    text[next - 1 - length] === sequence[sequence.length - 1 - length]
  ) {
    length++;
  }
  return length;
}
