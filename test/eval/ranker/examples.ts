import { firstLine, lineCandidates } from "../../../src/completion/core/ranking/lineCandidates";
import type { ScoredLine } from "../../../src/completion/core/ranking/features";
import type { Candidate } from "../candidate";
import { cursorIn, requestIn } from "../complete";
import type { Place } from "../places";
import type { Repositories, WorkspaceMode } from "../workspace";

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
  const { prefix, suffix } = place;
  const cursor = cursorIn(place, prefix, suffix);
  const answers = candidate.answers();
  const raw = firstLine(await answers.text(requestIn(cursor), cursor));
  const examples: RankingExample[] = [];
  for (const mode of ["repository", "distant"] as const) {
    const found = lineCandidates(raw, repositories.find(place.file, mode, prefix, suffix), cursor);
    const request = { ...requestIn(cursor), lines: found.map(({ text }) => text) };
    const scores = found.length === 0 ? [] : await answers.scores(request);
    const lines = found.flatMap((line, index) => {
      const score = scores[index];
      return score ? [{ ...line, score, right: firstLine(line.text) === place.wanted }] : [];
    });
    const around = { before: prefix.slice(-kept), after: suffix.slice(0, kept) };
    examples.push({ repo: place.file.repo, kind: place.kind, mode, ...around, lines });
  }
  return examples;
}
