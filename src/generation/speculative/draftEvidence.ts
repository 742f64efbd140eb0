/** What speaks for a drafted token. */
export interface Clue {
  /** Tokens before it that are the same where it was found. */
  readonly match: number;
  /** Whether other places with the same tokens before them go on alike. */
  readonly agreement: "divided" | "single" | "mostly" | "all";
}

/** A match of more tokens says no more. */
export const longestMatch = 12;
/** What an observation counts after the next one of its kind. */
const memory = 0.99;
const speedMemory = 0.98;
const agreements = ["divided", "single", "mostly", "all"] as const;

/** Learns how far drafted tokens can be trusted by what speaks for them, and how much drafting gains. */
export class DraftEvidence {
  readonly #right = new Float64Array((longestMatch + 1) * agreements.length);
  readonly #wrong = new Float64Array((longestMatch + 1) * agreements.length);
  #speed = 1.1;

  /** Tokens that lately came of the time of one step without drafts. */
  get speed(): number {
    return this.#speed;
  }

  /** How likely a token with this clue is right; one right and one wrong token to begin with, or two where little speaks for it. */
  probability(clue: Clue): number {
    const right = 1 + (this.#right[indexOf(clue)] ?? 0);
    const assumed = clue.agreement === "divided" || clue.match === 1 ? 2 : 1;
    const wrong = assumed + (this.#wrong[indexOf(clue)] ?? 0);
    return right / (right + wrong);
  }

  /** Notes whether a token was right, drafted or only thought of: so what is not drafted is learned too. */
  record(clue: Clue, right: boolean): void {
    const index = indexOf(clue);
    this.#right[index] = memory * (this.#right[index] ?? 0) + (right ? 1 : 0);
    this.#wrong[index] = memory * (this.#wrong[index] ?? 0) + (right ? 0 : 1);
  }

  /** Notes that a step gave so many tokens. @param cost in steps without drafts */
  recordStep(tokens: number, cost: number): void {
    this.#speed = speedMemory * this.#speed + (1 - speedMemory) * (tokens / cost);
  }
}

function indexOf({ match, agreement }: Clue): number {
  return Math.min(match, longestMatch) * agreements.length + agreements.indexOf(agreement);
}
