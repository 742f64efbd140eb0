const token = /[\p{L}_$][\p{L}\p{N}_$]*|\p{N}+|[^\s\p{L}\p{N}_$]/gu;
/** So many tokens are compared. */
const mostTokens = 60;

/** A text's names, numbers and single signs. */
export function tokensOf(text: string): string[] {
  return text.match(token) ?? [];
}

/**
 * How many tokens two pieces of code have in common from their start on. A name may stand for another one, the same one wherever it occurs,
 * and so may a number: these do not count, but what follows them does. The first tokens that cannot stand for each other end it.
 */
export function commonTokens(here: readonly string[], there: readonly string[]): number {
  const meanings = new Map<string, string>();
  let equal = 0;
  for (let i = 0; i < Math.min(mostTokens, here.length, there.length); i++) {
    const [own, other] = [here[i] ?? "", there[i] ?? ""];
    if (!mayStandFor(own, other)) break;
    const meaning = meanings.get(other);
    if (own === other || meaning === own) equal++;
    else if (meaning === undefined) meanings.set(other, own);
  }
  return equal;
}

/**
 * What each name and number there is called here, where two pieces of code are alike from their start on but for these. What is nearer to
 * the start counts.
 */
export function meaningsOf(here: readonly string[], there: readonly string[]): Map<string, string> {
  const meanings = new Map<string, string>();
  for (let i = 0; i < Math.min(mostTokens, here.length, there.length); i++) {
    const [own, other] = [here[i] ?? "", there[i] ?? ""];
    if (!mayStandFor(own, other)) break;
    if (own !== other && !meanings.has(other)) meanings.set(other, own);
  }
  return meanings;
}

/** Whether a token may stand where another one stands in like code: the same sign, or another name or number. */
function mayStandFor(own: string, other: string): boolean {
  return own === other || kindOf(own) === kindOf(other);
}

function kindOf(text: string): string {
  if (/^[\p{L}_$]/u.test(text)) return "name";
  return /^\p{N}/u.test(text) ? "number" : text;
}
