import type { GenerationContext, RequestControl } from "./context";
import { moveWindow } from "./prompt/layout";
import type { GenerateRequest, GenerateSeveralRequest, GenerationResult, SeveralTexts } from "./request";
import { TextWriter } from "./decoding/textWriter";
import { sumTimings } from "./timings";
import { checkRequest, checkTokens } from "./validate";
import { budget } from "./prompt/window";
import { write } from "./decoding/write";
import { canWriteTogether, writeTogether } from "./decoding/batch";

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
  const tokens = promptTokens(context, prompt, maxTokens);
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

/**
 * Continues a text in several ways, as a batch where that can be: each text is what {@link generate} writes with its sampling alone.
 * @throws InputError as {@link generate} does.
 */
export async function generateSeveral(
  context: GenerationContext,
  { prompt, maxTokens, samplings }: GenerateSeveralRequest,
  control: RequestControl,
): Promise<SeveralTexts> {
  for (const sampling of samplings) checkRequest(maxTokens, sampling);
  const startedAt = context.now();
  const tokens = promptTokens(context, prompt, maxTokens);
  if (maxTokens === 0 || !canWriteTogether(context, tokens.length + maxTokens)) {
    const results: GenerationResult[] = [];
    for (const sampling of samplings) results.push(await generate(context, { prompt, maxTokens, sampling }, control));
    return { promptTokens: tokens, texts: results, timings: sumTimings(results.map(({ timings }) => timings)) };
  }
  const tokenizedAt = context.now();
  const rules = { prompt: { tokens, head: 0 }, takenBack: [], maxTokens, doneAt: () => undefined };
  const writers = samplings.map((sampling) => new TextWriter(context.tokenizer, { ...rules, sampling }));
  const { texts, cachedTokens, prefillMs, decodeMs } = await writeTogether(context, tokens, writers, control);
  const timings = {
    queueMs: startedAt - control.arrivedAt,
    tokenizeMs: tokenizedAt - startedAt,
    prefillMs,
    decodeMs,
    firstTokenMs: tokenizedAt + prefillMs - control.arrivedAt,
    totalMs: context.now() - control.arrivedAt,
    promptTokens: tokens.length,
    cachedTokens,
    newTokens: texts.reduce((sum, text) => sum + text.tokens.length, 0),
    draftedTokens: 0,
    acceptedTokens: 0,
  };
  return { promptTokens: tokens, texts, timings };
}

function promptTokens(
  { model, tokenizer }: GenerationContext,
  prompt: GenerateRequest["prompt"],
  maxTokens: number,
): readonly number[] {
  const { contextLength, vocabSize } = model.config;
  const given = typeof prompt === "string" ? tokenizer.encode(prompt) : prompt;
  checkTokens(given, vocabSize);
  const whole = given.length === 0 ? [tokenizer.endOfText] : given;
  if (whole.length <= contextLength) return whole;
  return moveWindow(whole, 0, tokenizer, budget(contextLength, maxTokens, 0, false).prefix);
}
