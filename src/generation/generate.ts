import type { GenerationContext, RequestControl } from "./context";
import { moveWindow } from "./layout";
import type { GenerateRequest, GenerationResult } from "./request";
import { checkRequest, checkTokens } from "./validate";
import { budget } from "./window";
import { write } from "./write";

/**
 * Continues a text, or token ids exactly as they are. An empty prompt begins a new document (`<|endoftext|>`); one that is longer than
 * the context is cut at its start, and so is a text that grows past it.
 * @throws InputError for a token id outside the vocabulary and for numbers that make no sense.
 */
export async function generate(
  context: GenerationContext,
  { prompt, maxTokens, sampling }: GenerateRequest,
  control: RequestControl,
): Promise<GenerationResult> {
  checkRequest(maxTokens, sampling);
  const startedAt = context.now();
  const { model, tokenizer } = context;
  const { contextLength, vocabSize } = model.config;
  const given = typeof prompt === "string" ? tokenizer.encode(prompt) : prompt;
  checkTokens(given, vocabSize);
  const whole = given.length === 0 ? [tokenizer.endOfText] : given;
  const tokens =
    whole.length <= contextLength
      ? whole
      : moveWindow(whole, 0, tokenizer, budget(contextLength, maxTokens, 0, false).prefix);
  return write(
    context,
    {
      prompt: { tokens, head: 0 },
      takenBack: [],
      sampling,
      maxTokens,
      doneAt: () => undefined,
      drafter: context.drafts.drafter(sampling),
      startedAt,
    },
    control,
  );
}
