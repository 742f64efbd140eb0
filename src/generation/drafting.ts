/** Guesses how a text goes on, so that several tokens can be checked in one step. */
export interface Drafter {
  /** Tokens that may follow `sequence`, at most `room`; none when there is nothing to go by. */
  propose(sequence: readonly number[], room: number): readonly number[];
  /** Says how many tokens of the last draft were right. */
  record(agreed: number): void;
}

/** One token for each step. */
export const noDrafts: Drafter = { propose: () => [], record: () => undefined };

/** The drafter with a limit that changes as the text grows. */
export function draftsAtMost(limit: () => number, drafter: Drafter): Drafter {
  return {
    propose: (sequence, room) => drafter.propose(sequence, Math.max(0, Math.min(room, limit()))),
    record: (agreed) => drafter.record(agreed),
  };
}

/** A match of fewer tokens says nothing, of more no more. */
const shortestMatch = 2;
const longestMatch = 8;

/**
 * Prompt lookup (Saxena 2023): code repeats itself, so what followed the last few tokens where they stood before, in the prompt or in a
 * text written lately, is a good guess of what follows now. Of several such places the longest match counts, then the latest.
 */
export class PromptLookup implements Drafter {
  #match = 0;
  #drafted = 0;

  /** @param texts other texts to look into besides the sequence itself. */
  constructor(
    private readonly lengths: DraftLength,
    private readonly texts: readonly (readonly number[])[],
  ) {}

  propose(sequence: readonly number[], room: number): readonly number[] {
    this.#match = 0;
    let found: { text: readonly number[]; next: number } | undefined;
    for (const text of [sequence, ...this.texts]) {
      for (let next = text.length - 1; next >= shortestMatch && this.#match < longestMatch; next--) {
        const match = matchLength(sequence, text, next);
        if (match >= shortestMatch && match > this.#match) {
          this.#match = match;
          found = { text, next };
        }
      }
    }
    const length = found ? Math.min(this.lengths.best(this.#match), room) : 0;
    const draft = found?.text.slice(found.next, found.next + length) ?? [];
    this.#drafted = draft.length;
    return draft;
  }

  record(agreed: number): void {
    if (this.#drafted > 0) this.lengths.record(this.#match, this.#drafted, agreed);
  }
}

/** How many tokens before `next` in `text` equal the last ones of `sequence`. */
function matchLength(sequence: readonly number[], text: readonly number[], next: number): number {
  let length = 0;
  while (length < Math.min(next, longestMatch) && text[next - 1 - length] === sequence[sequence.length - 1 - length]) {
    length++;
  }
  return length;
}

/** What checking one more token costs, in steps. */
const extraTokenCost = 0.1;
const longestDraft = 16;
/** What an observation counts after the next one. */
const memory = 0.93;

/**
 * Learns how far drafts can be trusted, by the length of the match that they come from, and how long they should therefore be.
 */
export class DraftLength {
  /** Drafted tokens that were right and drafts that went wrong, by match length; old ones fade. */
  readonly #right = new Float64Array(longestMatch + 1);
  readonly #wrong = new Float64Array(longestMatch + 1);

  /** The length with the most tokens for the time, 0 when drafts do not pay. */
  best(match: number): number {
    // One right and one wrong token to begin with.
    const p = ((this.#right[match] ?? 0) + 1) / ((this.#right[match] ?? 0) + (this.#wrong[match] ?? 0) + 2);
    let best = 0;
    let most = 1;
    for (let length = 1; length <= longestDraft; length++) {
      // The draft is right for i tokens with p^i; the token behind it is there in any case.
      const tokens = (1 - p ** (length + 1)) / (1 - p);
      const rate = tokens / (1 + extraTokenCost * length);
      if (rate > most) [best, most] = [length, rate];
    }
    // What is never tried is never learned.
    if (best === 0) this.#fade(match);
    return best;
  }

  /** Notes that of `drafted` tokens the first `agreed` were right. */
  record(match: number, drafted: number, agreed: number): void {
    this.#fade(match);
    this.#right[match] = (this.#right[match] ?? 0) + agreed;
    if (agreed < drafted) this.#wrong[match] = (this.#wrong[match] ?? 0) + 1;
  }

  #fade(match: number): void {
    this.#right[match] = (this.#right[match] ?? 0) * memory;
    this.#wrong[match] = (this.#wrong[match] ?? 0) * memory;
  }
}

/** The last texts that were written, the newest first. */
export class RecentTexts {
  #texts: (readonly number[])[] = [];

  get texts(): readonly (readonly number[])[] {
    return this.#texts;
  }

  add(tokens: readonly number[]): void {
    if (tokens.length > shortestMatch) this.#texts = [tokens, ...this.#texts].slice(0, 20);
  }
}
