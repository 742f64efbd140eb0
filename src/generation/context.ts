import type { LanguageModel } from "../gpt2/languageModel";
import type { Tokenizer } from "../tokenizer/tokenizer";
import { type DraftingModel, DraftMemory } from "./speculative/draftMemory";
import { DraftModel } from "./speculative/draftModel";
import { DraftModelCosts } from "./speculative/draftModelCosts";
import { PromptEncoder } from "./prompt/layout";
import { PrefillPace } from "./decoding/prefillChunkSizer";
import { StepCosts } from "./speculative/stepCosts";

/** What all requests to one opened model share. */
export interface GenerationContext {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number;
  readonly pace: PrefillPace;
  readonly prompts: PromptEncoder;
  readonly drafts: DraftMemory;
}

/** How one request is watched and stopped. */
export interface RequestControl {
  /** When the request came in, by the context's clock. */
  readonly arrivedAt: number;
  /** Aborted when nobody wants the answer any more. What was computed stays cached. */
  readonly signal: { readonly aborted: boolean };
  /** Called between two steps, so that messages can arrive and more urgent requests can go first. */
  readonly pause: () => Promise<void>;
  /** The text so far, as it grows. */
  readonly onText?: (text: string) => void;
}

/** A smaller model that guesses ahead. */
export interface SmallerModel {
  readonly model: LanguageModel;
  /** Is told, once, when it fails. It guesses no more then. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * What requests to a model need.
 * @param drafts a model with the same tokenizer to draft with; it stays the caller's to dispose
 */
export function generationContext(
  model: LanguageModel,
  tokenizer: Tokenizer,
  now: () => number = () => performance.now(),
  drafts?: SmallerModel,
): GenerationContext {
  const costs = new StepCosts();
  return {
    model,
    tokenizer,
    now,
    pace: new PrefillPace(),
    prompts: new PromptEncoder(tokenizer),
    drafts: new DraftMemory(costs, drafts && draftingModel(model, drafts, costs, now)),
  };
}

function draftingModel(
  model: LanguageModel,
  { model: smaller, onFailure }: SmallerModel,
  costs: StepCosts,
  now: () => number,
): DraftingModel {
  const vocabSize = Math.min(model.config.vocabSize, smaller.config.vocabSize);
  // Reading the weights is what most of a step's time goes into.
  const assumed = smaller.info.weightBytes / model.info.weightBytes;
  return {
    model: new DraftModel(smaller, { vocabSize, now, onFailure }),
    costs: new DraftModelCosts(costs, assumed),
  };
}
