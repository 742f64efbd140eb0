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
  const given = givenTokens(prompt, (text) => tokenizer.encode(text));
  const start = tokenizer.startOfText ?? tokenizer.endOfText;
  const whole = [...(given.length === 0 ? [start] : given), ...writtenTokens(prompt)];
  checkTokens(whole, model.config.vocabSize);
  if (whole.length <= contextLength) return whole;
  return moveWindow(whole, 0, tokenizer, budget(contextLength, maxTokens, 0, false).prefix);
}

/** Those tokens of a prompt that were generated. */
export function writtenTokens(prompt: FreePrompt): readonly number[] {
  return typeof prompt === "object" && "written" in prompt ? prompt.written : [];
}

/** Whether there is nothing to continue, not even a text that was begun. */
export function isEmptyPrompt(prompt: FreePrompt): boolean {
  return typeof prompt === "object" && "written" in prompt ? false : prompt.length === 0;
}

function givenTokens(prompt: FreePrompt, encode: (text: string) => readonly number[]): readonly number[] {
  if (typeof prompt === "string") return encode(prompt);
  return "written" in prompt ? encode(prompt.text) : prompt;
}
