import type { PromptToken, Segment } from "../views";

/** A run of tokens of the same segment. */
export interface Run {
  readonly segment: Segment;
  readonly from: number;
  readonly to: number;
}

/** Where one segment ends and the next begins. */
export function segmentRuns(tokens: readonly Pick<PromptToken, "segment">[]): Run[] {
  const runs: Run[] = [];
  tokens.forEach(({ segment }, i) => {
    const last = runs.at(-1);
    if (last?.segment === segment) runs[runs.length - 1] = { ...last, to: i + 1 };
    else runs.push({ segment, from: i, to: i + 1 });
  });
  return runs;
}
