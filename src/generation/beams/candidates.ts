/** A text of a beam search. `beam` says where its keys and values are. */
export interface Hypothesis {
  readonly beam: number;
  readonly tokens: readonly number[];
  readonly logProbability: number;
}

/** A text, one token longer. */
export interface Candidate {
  readonly parent: Hypothesis;
  readonly token: number;
  readonly logProbability: number;
}

/** The best candidates, the best first. On ties the order does not depend on where it comes from: by parent, then by token. */
export function bestCandidates<T extends Candidate>(candidates: readonly T[], count: number): T[] {
  return candidates
    .toSorted((a, b) => b.logProbability - a.logProbability || a.parent.beam - b.parent.beam || a.token - b.token)
    .slice(0, count);
}

/** What a text is ranked by. @param length its tokens, with the one that ended it */
export function scoreOf(logProbability: number, length: number, lengthPenalty: number): number {
  return logProbability / Math.max(1, length) ** lengthPenalty;
}

/** The best score that a text can still reach with at most `maxTokens` tokens: its log probability only gets less. */
export function bestPossibleScore(
  { logProbability, tokens }: Hypothesis,
  lengthPenalty: number,
  maxTokens: number,
): number {
  const length = lengthPenalty > 0 ? maxTokens : tokens.length + 1;
  return scoreOf(logProbability, length, lengthPenalty);
}

/**
 * Where the keys and values of the next texts are: the first text of a parent stays where the parent was, and others take the places of
 * parents without one.
 * @param parents the beam of each text's parent
 * @returns the beam of each text, and what must be copied before any of them goes on
 */
export function assignBeams(
  parents: readonly number[],
  count: number,
): { readonly beams: readonly number[]; readonly copies: readonly (readonly [from: number, to: number])[] } {
  const kept = new Set(parents);
  const free = Array.from({ length: count }, (_, beam) => beam).filter((beam) => !kept.has(beam));
  const taken = new Set<number>();
  const copies: (readonly [number, number])[] = [];
  const beams = parents.map((parent) => {
    const beam = taken.has(parent) ? (free.shift() ?? parent) : parent;
    if (beam !== parent) copies.push([parent, beam]);
    taken.add(beam);
    return beam;
  });
  return { beams, copies };
}
