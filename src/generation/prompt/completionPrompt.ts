import type { GenerationContext } from "../context";
import { type Healed, takeBack } from "./tokenHealing";
import type { PromptTokens } from "./layout";
import type { CompletionRequest } from "../request";
import type { Tokenizer } from "../../tokenizer/tokenizer";

/** The tokens of a prompt, and which of them the cursor cut. */
export interface CompletionPrompt extends PromptTokens, Healed {}

/** What the model reads for a completion. */
export function completionPrompt(
  { model, tokenizer, prompts }: GenerationContext,
  { prompt, maxTokens, healing }: Pick<CompletionRequest, "prompt" | "maxTokens" | "healing">,
): CompletionPrompt {
  const { tokens, head } = prompts.encode(prompt, model.config.contextLength, maxTokens);
  const healed = healing ? takeBack(tokens, head, tokenizer) : { kept: tokens, takenBack: [] };
  return { tokens, head, ...healed };
}

/**
 * Takes the tokens that lay out a prompt out of the choice. They are no text: a model that was trained on such prompts would begin one
 * at every end of text.
 * @param logits `[V]`, changed
 */
export function forbidLayout(logits: Float32Array, { fim }: Tokenizer): void {
  if (!fim) return;
  for (const token of [fim.prefix, fim.middle, fim.suffix]) logits[token] = -Infinity;
}
