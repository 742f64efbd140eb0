import { firstLine, lineCandidates } from "../../../src/completion/core/ranking/lineCandidates";
import type { ScoredLine } from "../../../src/completion/core/ranking/features";
import type { Candidate } from "../candidate";
import { completePlace, cursorIn, requestIn } from "../complete";
import type { Place } from "../places";
import type { Repositories, WorkspaceMode } from "../workspace";
import { scoreLines } from "../../../src/generation/ranking/scoreLines";

/** A place with the lines that the ranker chooses from. */
export interface RankingExample {
  readonly repo: string;
  readonly kind: string;
  readonly mode: WorkspaceMode;
  /** Text around the cursor, as far as features look. */
  readonly before: string;
  readonly after: string;
  readonly lines: readonly (ScoredLine & { readonly right: boolean })[];
}

/** As much text around the cursor as is kept. */
const kept = 1000;

/** What the ranker has to choose from at a place, with near-copies of its file in the workspace and without. */
export async function examplesAt(
  candidate: Candidate,
  place: Place,
  repositories: Repositories,
): Promise<RankingExample[]> {
  const { raw } = await completePlace(candidate, place, true);
  const { prefix, suffix } = place;
  const cursor = cursorIn(place, prefix, suffix);
  const examples: RankingExample[] = [];
  for (const mode of ["repository", "distant"] as const) {
    const found = lineCandidates(raw, repositories.find(place.file, mode, prefix, suffix));
    const request = { ...requestIn(cursor), lines: found.map(({ text }) => text) };
    const control = { arrivedAt: 0, signal: { aborted: false }, pause: () => Promise.resolve() };
    const scores = found.length === 0 ? [] : await scoreLines(candidate.context(), request, control);
    const lines = found.flatMap((line, index) => {
      const score = scores[index];
      return score ? [{ ...line, score, right: firstLine(line.text) === place.wanted }] : [];
    });
    const around = { before: prefix.slice(-kept), after: suffix.slice(0, kept) };
    examples.push({ repo: place.file.repo, kind: place.kind, mode, ...around, lines });
  }
  return examples;
}
