import type { Checkpoint } from "./checkpoints";
import { type Comparison, worstOf } from "./comparison";

/** `suspect`: a checkpoint before it failed, so what it says of itself cannot be relied on. */
export type CheckpointStatus = "passed" | "failed" | "suspect";

/**
 * Outcome of one checkpoint: plain data for the panel, the command line and reports. Of a checkpoint that passed, the numbers are those of
 * its first tensor (the worst of those with the same shape), otherwise those of the part that is furthest off.
 */
export interface CheckpointResult extends Omit<Comparison, "passed" | "note"> {
  readonly number: number;
  readonly name: string;
  /** What was compared, for people. */
  readonly compares: string;
  readonly status: CheckpointStatus;
  /** What to look at first when it fails. */
  readonly guidance: string;
  readonly parts: readonly Comparison[];
}

/**
 * A checkpoint's outcome, given those of the checkpoints before it.
 * @param more further comparisons that must pass
 */
export function judge<Evidence>(
  checkpoint: Checkpoint<Evidence>,
  evidence: Evidence,
  before: readonly CheckpointResult[],
  more: readonly Comparison[] = [],
): CheckpointResult {
  const parts = [...checkpoint.compare(evidence), ...more];
  const passed = parts.every((part) => part.passed);
  const { shape, maxAbsDiff, at, tolerance, histogram, firstValues } = worstOf(passed ? likeFirst(parts) : parts);
  const suspect = before.some(({ status }) => status !== "passed");
  return {
    number: checkpoint.number,
    name: checkpoint.name,
    compares: checkpoint.compares,
    status: suspect ? "suspect" : passed ? "passed" : "failed",
    shape,
    maxAbsDiff,
    at,
    tolerance,
    histogram,
    firstValues,
    guidance: checkpoint.guidance,
    parts,
  };
}

/** A difference that is noted but does not count is no headline. */
function likeFirst(parts: readonly Comparison[]): readonly Comparison[] {
  const shapeOfFirst = parts[0]?.shape.join();
  return parts.filter(({ shape, maxAbsDiff, tolerance }) => shape.join() === shapeOfFirst && maxAbsDiff <= tolerance);
}
