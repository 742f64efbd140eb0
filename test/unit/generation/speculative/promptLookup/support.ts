import { StepCosts } from "../../../../../src/generation/speculative/costs";
import { AcceptanceEstimator } from "../../../../../src/generation/speculative/promptLookup/acceptanceEstimator";
import { BigramIndex } from "../../../../../src/generation/speculative/promptLookup/bigramIndex";
import { PromptLookup } from "../../../../../src/generation/speculative/promptLookup/promptLookup";

/** Prompt lookup that has seen many tokens accepted, of every kind. */
export function trustingLookup(texts: readonly (readonly number[])[] = []): PromptLookup {
  const estimator = estimatorFor(() => true);
  return new PromptLookup(
    estimator,
    new StepCosts(),
    texts.map((text) => new BigramIndex(text)),
  );
}

/** An estimator that has seen many tokens of each kind. @param isRight whether those with this agreement were right */
export function estimatorFor(isRight: (agreement: string) => boolean): AcceptanceEstimator {
  const estimator = new AcceptanceEstimator();
  for (const agreement of ["divided", "single", "mostly", "all"] as const) {
    for (let matchLength = 1; matchLength <= 12; matchLength++) {
      for (let i = 0; i < 30; i++) estimator.record({ matchLength, agreement }, isRight(agreement));
    }
  }
  return estimator;
}
