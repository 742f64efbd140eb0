/** A prefix without its last piece, which the model writes again. */
export interface HealedPrefix {
  readonly prefix: string;
  /** What was removed: the answer is expected to begin with it. */
  readonly typed: string;
}

/** A word or number with the space before it, a run of symbols, or one space. */
const lastPiece = /(?: ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+| )$/u;
const maxPiece = 24;

/**
 * Token healing by text (see `generation/prompt/tokenHealing.ts`), for servers whose tokens are not known here. A prompt that ends in a
 * space is unlike what models were trained on, since tokens begin with their space.
 * @param reach `piece` where the server can force the answer to begin with a text, or else `space`
 */
export function healPrefix(prefix: string, reach: "piece" | "space"): HealedPrefix {
  const piece = reach === "piece" ? (lastPiece.exec(prefix.slice(-maxPiece - 1))?.[0] ?? "") : "";
  const typed = piece !== "" && piece.length <= maxPiece ? piece : /[^\n] $/.test(prefix) ? " " : "";
  return { prefix: prefix.slice(0, prefix.length - typed.length), typed };
}

/** What an answer adds to what was typed. An answer that does not begin with it goes on from there. */
export function withoutTyped(answer: string, typed: string): string {
  if (answer.startsWith(typed)) return answer.slice(typed.length);
  return typed.startsWith(answer) ? "" : answer;
}
