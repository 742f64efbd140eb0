import { completionPrompt } from "./prompt/completionPrompt";
import { complete, isDone } from "./complete";
import type { GenerationContext, RequestControl } from "./context";
import type { Alternative, AlternativesRequest } from "./request";
import { TextWriter } from "./decoding/textWriter";
import { checkRequest } from "./validate";
import { canWriteTogether, writeTogether } from "./decoding/batch";

/**
 * Completes the text at a cursor in several ways at once: each text is what {@link complete} writes with its sampling alone. The prompt is
 * read once, and the texts share what is cached for it, where the model can do that.
 * @throws InputError for numbers that make no sense.
 */
export async function alternatives(
  context: GenerationContext,
  request: AlternativesRequest,
  control: RequestControl,
): Promise<readonly Alternative[]> {
  const { prompt, stop, maxTokens, samplings } = request;
  for (const sampling of samplings) checkRequest(maxTokens, sampling);
  const { kept, head, takenBack } = completionPrompt(context, request);
  const together = canWriteTogether(context, kept.length + takenBack.length + maxTokens);
  if (!together || maxTokens === 0) return oneByOne(context, request, control);
  const rules = { prompt: { tokens: kept, head }, takenBack, maxTokens, doneAt: isDone(stop, prompt) };
  const writers = samplings.map((sampling) => new TextWriter(context.tokenizer, { ...rules, sampling }));
  return (await writeTogether(context, kept, writers, control)).texts;
}

async function oneByOne(
  context: GenerationContext,
  request: AlternativesRequest,
  control: RequestControl,
): Promise<Alternative[]> {
  const texts: Alternative[] = [];
  for (const sampling of request.samplings) {
    const { text, tokens, finish } = await complete(context, { ...request, sampling }, control);
    texts.push({ text, tokens, finish });
  }
  return texts;
}
