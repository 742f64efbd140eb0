import { type Clue, type DraftEvidence, longestMatch } from "./draftEvidence";
import { bestLength, type Drafter, longestDraft } from "./drafting";
import { IndexedText } from "./bigramIndex";
import type { StepCosts } from "./stepCosts";

type Tokens = readonly number[];

/** A place in a text where the same tokens stand as at the end of the sequence, two or more. */
interface Place {
  readonly text: Tokens;
  /** The index of what follows there. */
  readonly next: number;
  /** How many tokens before it are the same. */
  readonly match: number;
}

/** A token that may come next, and what speaks for it. */
interface Guess extends Clue {
  readonly token: number;
}

/** A draft must promise so much more than what steps give otherwise: chances are estimates, and wrong drafts cost others' time too. */
const caution = 1.2;
/** Guesses that are reached less likely than this share of what would be worth drafting are not made, not even to learn from. */
const worthLearning = 0.5;
/** How many times more a place counts than one with a match shorter by one. */
const trust = 3;
/** A place whose match is shorter than the longest by more than this is not heard, and so many places are at most. */
const shorterBy = 3;
const mostPlaces = 64;
/** From this share of the votes on, the places mostly agree. */
const most = 0.66;

/**
 * Prompt lookup (Saxena 2023): code repeats itself, so what followed the last few tokens where they stood before, in the prompt or in
 * another text, is a good guess of what follows now. All such places vote on each token; how often votes of that kind were right, and
 * what checking a token costs, decide how long the draft is.
 */
export class PromptLookup implements Drafter {
  readonly #own = new IndexedText();
  #guesses: readonly Guess[] = [];
  #cost = 1;

  /** @param texts other texts to look into besides the sequence itself. */
  constructor(
    private readonly evidence: DraftEvidence,
    private readonly costs: StepCosts,
    private readonly texts: readonly IndexedText[],
  ) {}

  propose(sequence: Tokens, room: number): Tokens {
    const probabilities: number[] = [];
    const speed = caution * this.evidence.speed;
    const leastReached = worthLearning * speed * (this.costs.of(1) - 1);
    this.#guesses = this.#guess(sequence, leastReached, probabilities);
    const wanted = bestLength(probabilities, (drafted) => this.costs.of(drafted), speed);
    const length = Math.min(wanted, room);
    this.#cost = this.costs.of(length);
    return this.#guesses.slice(0, length).map(({ token }) => token);
  }

  record(chosen: Tokens, cost = this.#cost): void {
    for (const [i, token] of chosen.entries()) {
      const guess = this.#guesses[i];
      if (!guess) break;
      this.evidence.record(guess, guess.token === token);
      if (guess.token !== token) break;
    }
    this.evidence.recordStep(chosen.length, cost);
  }

  /** Guesses token after token as long as there is a fair chance to get there. @param probabilities receives one for each */
  #guess(sequence: Tokens, leastReached: number, probabilities: number[]): Guess[] {
    const guesses: Guess[] = [];
    // A repetition goes on in what was guessed of it.
    const extended = [...sequence];
    this.#own.become(sequence);
    const found = placesIn(this.#own, extended, sequence);
    for (const text of this.texts) found.push(...placesIn(text, text.tokens, sequence));
    let places = telling(found);
    let reached = 1;
    while (guesses.length < longestDraft && reached >= leastReached) {
      const guess = vote(places);
      if (!guess) break;
      const probability = this.evidence.probability(guess);
      reached *= probability;
      guesses.push(guess);
      extended.push(guess.token);
      probabilities.push(probability);
      places = places.flatMap(({ text, next, match }) =>
        text[next] === guess.token ? [{ text, next: next + 1, match: Math.min(match + 1, longestMatch) }] : [],
      );
    }
    return guesses;
  }
}

/** @param tokens those of the text, and what may follow */
function placesIn(text: IndexedText, tokens: Tokens, sequence: Tokens): Place[] {
  const places: Place[] = [];
  for (const next of text.behind(sequence)) {
    places.push({ text: tokens, next, match: matchLength(sequence, tokens, next) });
  }
  return places;
}

/** The places that are worth hearing. */
function telling(places: readonly Place[]): Place[] {
  const longest = places.reduce((length, { match }) => Math.max(length, match), 0);
  return places.filter(({ match }) => match >= longest - shorterBy).slice(0, mostPlaces);
}

/** How many tokens before `next` in `text` equal the last ones of `sequence`. */
function matchLength(sequence: Tokens, text: Tokens, next: number): number {
  let length = 0;
  while (length < Math.min(next, longestMatch) && text[next - 1 - length] === sequence[sequence.length - 1 - length]) {
    length++;
  }
  return length;
}

/** What most places go on with, longer matches counting more; the first such token on a tie. */
function vote(places: readonly Place[]): Guess | undefined {
  const going = places.filter(({ text, next }) => next < text.length);
  const longest = going.reduce((length, { match }) => Math.max(length, match), 0);
  const votes = new Map<number, { weight: number; count: number; match: number }>();
  let total = 0;
  for (const { text, next, match } of going) {
    const token = text[next] as number;
    const weight = trust ** (match - longest);
    const { weight: before, count, match: best } = votes.get(token) ?? { weight: 0, count: 0, match: 0 };
    votes.set(token, { weight: before + weight, count: count + 1, match: Math.max(best, match) });
    total += weight;
  }
  const [winner] = [...votes].sort(([, a], [, b]) => b.weight - a.weight);
  if (!winner) return undefined;
  const [token, { weight, count, match }] = winner;
  const others = votes.size > 1;
  const agreement = others ? (weight >= most * total ? "mostly" : "divided") : count > 1 ? "all" : "single";
  return { token, match, agreement };
}
