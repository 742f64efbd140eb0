import type { TokenCandidate } from "../generation/inspection/requests";
import type { Comparison } from "../gpt2/verification/checkpoints/comparison";
import type { CheckpointResult } from "../gpt2/verification/checkpoints/result";
import type { Finite } from "./backendViews";
import type { CandidateRow, CheckpointResultView, ComparisonView } from "./views";

/** The page is sent JSON, which has no infinities: here numbers that are not finite become null. */
export function finite(value: number): Finite {
  return Number.isFinite(value) ? value : null;
}

export function candidateRow(candidate: TokenCandidate): CandidateRow {
  return { ...candidate, logit: finite(candidate.logit) };
}

export function checkpointResult({
  status,
  shape,
  maxAbsDiff,
  tolerance,
  parts,
}: CheckpointResult): CheckpointResultView {
  return { status, shape, maxAbsDiff: finite(maxAbsDiff), tolerance, parts: parts.map(comparison) };
}

function comparison(part: Comparison): ComparisonView {
  const { expected, actual } = part.firstValues;
  return {
    ...part,
    maxAbsDiff: finite(part.maxAbsDiff),
    firstValues: { expected: expected.map(finite), actual: actual.map(finite) },
  };
}
