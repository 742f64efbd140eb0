import { completionPrompt } from "./prompt/completionPrompt";
import type { GenerationContext } from "./context";
import type { RequestControl } from "./control";
import type { CompletionRequest, GenerationResult } from "./request";
import { stopCondition } from "./decoding/stops";
import { checkRequest } from "./validate";
import { decodeText } from "./decoding/decodeText";

/**
 * Completes the text at a cursor: lays out the prompt, rolls back the token that the cursor cuts, and decodes until the stop rule
 * applies or the text repeats itself.
 * @throws InputError for numbers out of range
 */
export async function complete(
  context: GenerationContext,
  request: CompletionRequest,
  control: RequestControl,
): Promise<GenerationResult> {
  const { prompt, stop, maxTokens, sampling } = request;
  checkRequest(maxTokens, sampling, context.model.config.vocabSize);
  const startedAt = context.now();
  const { head, kept, rolledBack } = completionPrompt(context, request);
  return decodeText(
    context,
    {
      prompt: { tokens: kept, head },
      rolledBack,
      sampling,
      maxTokens,
      doneAt: stopCondition(stop, prompt),
      drafter: context.drafters.drafter(sampling, rolledBack.length),
      startedAt,
    },
    control,
  );
}
