import type { Cursor } from "../../../src/completion/core/cursor";
import type { LineCandidate } from "../../../src/completion/core/ranking/lineCandidates";
import { surroundingsOf, tokensBefore } from "../../../src/completion/core/ranking/surroundings";

/** So many tokens before a match are compared with those before the cursor. */
const mostTokens = 40;
const name = /[\p{L}_$][\p{L}\p{N}_$]*/gu;

/** The lines with their names replaced by those that stand at the cursor where theirs stand before the match; only lines that change. */
export function renamedLines(lines: readonly LineCandidate[], cursor: Cursor): LineCandidate[] {
  const here = surroundingsOf(cursor).tokensBefore;
  const known = new Set(lines.map(({ text }) => text));
  const renamed = new Map<string, LineCandidate>();
  for (const line of lines) {
    const [match] = line.matches;
    if (!match) continue;
    const names = renaming(here, tokensBefore(match.preceding));
    const text = line.text.replace(name, (own) => names.get(own) ?? own);
    if (!known.has(text) && !renamed.has(text)) renamed.set(text, { ...line, text, fromModel: false });
  }
  return [...renamed.values()];
}

/** What each name there is called here, by walking through both token by token as long as only names differ. */
function renaming(here: readonly string[], there: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (let i = 0; i < Math.min(mostTokens, here.length, there.length); i++) {
    const [own, other] = [here[i] ?? "", there[i] ?? ""];
    if (own === other) continue;
    if (!isName(own) || !isName(other)) break;
    if (!names.has(other)) names.set(other, own);
  }
  return names;
}

function isName(token: string): boolean {
  return /^[\p{L}_$]/u.test(token);
}
