import type { LanguageModel } from "../gpt2/languageModel";
import type { Tokenizer } from "../tokenizer/tokenizer";
import { DraftMemory } from "./draftMemory";
import { PromptEncoder } from "./layout";
import { PrefillPace } from "./prefillPace";

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

export function generationContext(
  model: LanguageModel,
  tokenizer: Tokenizer,
  now: () => number = () => performance.now(),
): GenerationContext {
  return {
    model,
    tokenizer,
    now,
    pace: new PrefillPace(),
    prompts: new PromptEncoder(tokenizer),
    drafts: new DraftMemory(),
  };
}
