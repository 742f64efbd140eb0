import type { GenerationContext } from "../context";
import type { FreePrompt } from "../request";
import { checkTokens } from "../validate";
import { moveWindow } from "./layout";
import { budget } from "./window";

/** The tokens of a prompt, cut at its start to leave space for the text. @throws InputError for a token id outside the vocabulary */
export function promptTokens(
  { model, tokenizer, contextLength }: GenerationContext,
  prompt: FreePrompt,
  maxTokens: number,
): readonly number[] {
  const given = typeof prompt === "string" ? tokenizer.encode(prompt) : prompt;
  checkTokens(given, model.config.vocabSize);
  const whole = given.length === 0 ? [tokenizer.endOfText] : given;
  if (whole.length <= contextLength) return whole;
  return moveWindow(whole, 0, tokenizer, budget(contextLength, maxTokens, 0, false).prefix);
}
