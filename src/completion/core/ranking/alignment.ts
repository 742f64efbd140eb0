const token = /[\p{L}_$][\p{L}\p{N}_$]*|\p{N}+|[^\s\p{L}\p{N}_$]/gu;
/** So many tokens are compared. */
const mostTokens = 60;

/** A text's names, numbers and single signs. */
export function tokensOf(text: string): string[] {
  return text.match(token) ?? [];
}

/** What two pieces of code have in common from their start on. */
export interface Alignment {
  /** Tokens that are equal, or stand for each other once more. */
  readonly common: number;
  /** What each name and number of the other piece is called here, by what is nearest to the start. */
  readonly meanings: ReadonlyMap<string, string>;
}

/**
 * Walks through two pieces of code from their start on. A name may stand for another one, the same one wherever it occurs,
 * and so may a number: these do not count, but what follows them does. The first tokens that cannot stand for each other end it.
 */
export function align(here: readonly string[], there: readonly string[]): Alignment {
  const meanings = new Map<string, string>();
  let common = 0;
  for (let i = 0; i < Math.min(mostTokens, here.length, there.length); i++) {
    const [own, other] = [here[i] ?? "", there[i] ?? ""];
    if (!mayStandFor(own, other)) break;
    const meaning = meanings.get(other);
    if (own === other || meaning === own) common++;
    else if (meaning === undefined) meanings.set(other, own);
  }
  return { common, meanings };
}

/** Whether a token may stand where another one stands in like code: the same sign, or another name or number. */
function mayStandFor(own: string, other: string): boolean {
  return own === other || kindOf(own) === kindOf(other);
}

function kindOf(text: string): string {
  if (/^[\p{L}_$]/u.test(text)) return "name";
  return /^\p{N}/u.test(text) ? "number" : text;
}
