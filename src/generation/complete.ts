import { completionPrompt } from "./prompt/completionPrompt";
import type { GenerationContext, RequestControl } from "./context";
import { isRepeating } from "./decoding/repetition";
import type { CompletionRequest, GenerationResult, Prompt, StopRule } from "./request";
import { stopAt } from "./decoding/stops";
import type { TextRules } from "./decoding/textWriter";
import { checkRequest } from "./validate";
import { write } from "./decoding/write";

/**
 * Completes the text at a cursor: lays the prompt out, takes back what the cursor cut, and writes until the stop rule is met or the
 * text goes in circles.
 * @throws InputError for numbers that make no sense.
 */
export async function complete(
  context: GenerationContext,
  request: CompletionRequest,
  control: RequestControl,
): Promise<GenerationResult> {
  const { prompt, stop, maxTokens, sampling } = request;
  checkRequest(maxTokens, sampling);
  const startedAt = context.now();
  const { head, kept, takenBack } = completionPrompt(context, request);
  return write(
    context,
    {
      prompt: { tokens: kept, head },
      takenBack,
      sampling,
      maxTokens,
      doneAt: isDone(stop, prompt),
      drafter: context.drafts.drafter(sampling, takenBack.length),
      startedAt,
    },
    control,
  );
}

/** Where a completion's text is done: by its stop rule, or when it goes in circles. */
export function isDone(stop: StopRule, prompt: Prompt): TextRules["doneAt"] {
  return (text, written) => stopAt(stop, text, prompt) ?? (isRepeating(written) ? text.length : undefined);
}
