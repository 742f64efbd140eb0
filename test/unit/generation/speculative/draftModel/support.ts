import assert from "node:assert/strict";
import { ConfidenceCalibration } from "../../../../../src/generation/speculative/draftModel/confidenceCalibration";
import { DraftModelCosts } from "../../../../../src/generation/speculative/draftModel/costs";
import { DraftBudget } from "../../../../../src/generation/speculative/draftModel/draftBudget";
import { DraftModel } from "../../../../../src/generation/speculative/draftModel/draftModel";
import { DraftModelDrafter } from "../../../../../src/generation/speculative/draftModel/draftModelDrafter";
import { DrafterFactory } from "../../../../../src/generation/speculative/drafterFactory";
import type { LanguageModel } from "../../../../../src/gpt2/languageModel";
import { AssumedCosts, type LogitsFunction } from "../../fakes";

/** The cost of a drafted token, in steps of the target model. It does not change, because nothing is measured. */
const tokenCost = 0.05;

/** Drafters that use a draft model where prompt lookup finds nothing. */
export function draftersWith(
  model: LanguageModel,
  { onFailure = failTest }: { readonly onFailure?: (error: unknown) => void } = {},
): DrafterFactory {
  const costs = new AssumedCosts();
  const options = { vocabSize: model.config.vocabSize, now: () => performance.now(), onFailure };
  return new DrafterFactory(costs, {
    model: new DraftModel(model, options),
    costs: new DraftModelCosts(costs, tokenCost),
  });
}

/** A drafter that uses only a draft model. */
export function draftModelDrafter(
  model: LanguageModel,
  { calibration = new ConfidenceCalibration(), budget = new DraftBudget(), constrained = 0 } = {},
): DraftModelDrafter {
  const costs = new AssumedCosts();
  const options = { vocabSize: model.config.vocabSize, now: () => 0, onFailure: failTest };
  return new DraftModelDrafter(new DraftModel(model, options), {
    calibration,
    budget,
    costs,
    draftCosts: new DraftModelCosts(costs, tokenCost),
    throughput: () => 1,
    constrained,
  });
}

export function failTest(error: unknown): void {
  assert.fail(String(error));
}

/** Scales logits so that a model is practically certain of its most likely token. */
export function certain(logits: LogitsFunction): LogitsFunction {
  return (tokens) => logits(tokens).map((logit) => 1000 * logit);
}
