import type { GenerationContext } from "../context";
import { type HealedPrompt, rollBack } from "./tokenHealing";
import type { PromptTokens } from "./layout";
import type { CompletionRequest } from "../request";
import type { Tokenizer } from "../../tokenizer/tokenizer";

/** The tokens of a prompt, and which of them healing rolled back. */
export interface CompletionPrompt extends PromptTokens, HealedPrompt {}

/** Encodes and lays out the prompt of a completion. */
export function completionPrompt(
  { contextLength, tokenizer, prompts }: GenerationContext,
  { prompt, maxTokens, healing }: Pick<CompletionRequest, "prompt" | "maxTokens" | "healing">,
): CompletionPrompt {
  const { tokens, head } = prompts.encode(prompt, contextLength, maxTokens);
  const healed = healing ? rollBack(tokens, head, tokenizer) : { kept: tokens, rolledBack: [] };
  return { tokens, head, ...healed };
}

/**
 * Sets the logits of the fill-in-the-middle tokens to -Infinity. They are layout, not text: a model that was trained on such prompts
 * would begin a new one at every end of text.
 * @param logits `[V]`, modified
 */
export function maskFimTokens(logits: Float32Array, tokenizer: Pick<Tokenizer, "fim">): void {
  for (const token of fimTokens(tokenizer)) logits[token] = -Infinity;
}

/** The tokens that {@link maskFimTokens} rules out. */
export function fimTokens({ fim }: Pick<Tokenizer, "fim">): readonly number[] {
  return fim ? [fim.prefix, fim.middle, fim.suffix] : [];
}
