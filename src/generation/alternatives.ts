import { completionPrompt } from "./prompt/completionPrompt";
import { complete } from "./complete";
import type { GenerationContext } from "./context";
import type { RequestControl } from "./control";
import type { Alternative, AlternativesRequest } from "./request";
import { TextWriter } from "./decoding/textWriter";
import { checkRequest } from "./validate";
import { canBatch, decodeBatch } from "./decoding/batch";
import { stopCondition } from "./decoding/stops";

/**
 * Completes the text at a cursor several times: each text is what {@link complete} returns for its sampling options alone. The prompt is
 * prefilled once, and the texts share its keys and values if the model can branch.
 * @throws InputError for numbers out of range
 */
export async function alternatives(
  context: GenerationContext,
  request: AlternativesRequest,
  control: RequestControl,
): Promise<readonly Alternative[]> {
  const { prompt, stop, maxTokens, samplings } = request;
  for (const sampling of samplings) checkRequest(maxTokens, sampling, context.model.config.vocabSize);
  const { kept, head, rolledBack } = completionPrompt(context, request);
  const batched = canBatch(context, [kept], rolledBack.length + maxTokens);
  if (!batched || maxTokens === 0) return oneByOne(context, request, control);
  const rules = { prompt: { tokens: kept, head }, rolledBack, maxTokens, doneAt: stopCondition(stop, prompt) };
  const rows = samplings.map((sampling) => ({
    prompt: kept,
    writer: new TextWriter(context.tokenizer, { ...rules, sampling }),
  }));
  return (await decodeBatch(context, rows, control)).texts;
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
