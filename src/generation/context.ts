import type { LanguageModel } from "../gpt2/languageModel";
import type { Tokenizer } from "../tokenizer/tokenizer";
import { PrefillChunkSizer } from "./decoding/prefillChunkSizer";
import { ConstraintCache } from "./sampling/constraints/constraint";
import { PromptEncoder } from "./prompt/layout";
import { StepCosts } from "./speculative/costs";
import { DrafterFactory, type DraftModelWithCosts } from "./speculative/drafterFactory";
import { DraftModelCosts } from "./speculative/draftModel/costs";
import { DraftModel } from "./speculative/draftModel/draftModel";

/** What all requests to one open model share. */
export interface GenerationContext {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  /** A monotonic clock, in ms. */
  readonly now: () => number;
  readonly chunkSizer: PrefillChunkSizer;
  readonly prompts: PromptEncoder;
  readonly drafters: DrafterFactory;
  readonly constraints: ConstraintCache;
  /** Positions of a prompt and its text together: the model's, or fewer. */
  readonly contextLength: number;
}

/** A smaller model for speculative decoding. */
export interface DraftModelHandle {
  readonly model: LanguageModel;
  /** Called once, with the error, if the draft model fails. It is not used after that. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Creates the shared state for requests to a model.
 * @param now a monotonic clock, in ms
 * @param draftModel a model with the same tokenizer to draft with; the caller disposes it
 * @param contextLimit positions to use at most, of those that the model has
 */
export function generationContext(
  model: LanguageModel,
  tokenizer: Tokenizer,
  now: () => number = () => performance.now(),
  draftModel?: DraftModelHandle,
  contextLimit = Infinity,
): GenerationContext {
  const costs = new StepCosts();
  return {
    model,
    tokenizer,
    now,
    chunkSizer: new PrefillChunkSizer(),
    prompts: new PromptEncoder(tokenizer),
    drafters: new DrafterFactory(costs, draftModel && withCosts(draftModel, model, costs, now)),
    constraints: new ConstraintCache(tokenizer),
    contextLength: Math.min(model.config.contextLength, contextLimit),
  };
}

function withCosts(
  { model: draftModel, onFailure }: DraftModelHandle,
  targetModel: LanguageModel,
  costs: StepCosts,
  now: () => number,
): DraftModelWithCosts {
  const vocabSize = Math.min(targetModel.config.vocabSize, draftModel.config.vocabSize);
  // A decode step spends most of its time reading the weights.
  const initialEstimate = draftModel.info.weightBytes / targetModel.info.weightBytes;
  return {
    model: new DraftModel(draftModel, { vocabSize, now, onFailure }),
    costs: new DraftModelCosts(costs, initialEstimate),
  };
}
