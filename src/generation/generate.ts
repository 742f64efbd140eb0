import type { GenerationContext } from "./context";
import type { RequestControl } from "./control";
import { moveWindow } from "./prompt/layout";
import type { GenerateRequest, GenerateSeveralRequest, GenerationResult, SeveralTexts, Timings } from "./request";
import { TextWriter } from "./decoding/textWriter";
import { checkRequest, checkTokens } from "./validate";
import { budget } from "./prompt/window";
import { decodeText } from "./decoding/decodeText";
import { canBatch, decodeBatch } from "./decoding/batch";

/**
 * Continues a text, or token ids exactly as they are. An empty prompt begins a new document (`<|endoftext|>`). A prompt that is longer
 * than the context is cut at its start, and so is a text that outgrows the context.
 * @throws InputError for a token id outside the vocabulary and for numbers out of range
 */
export async function generate(
  context: GenerationContext,
  { prompt, maxTokens, sampling }: GenerateRequest,
  control: RequestControl,
): Promise<GenerationResult> {
  checkRequest(maxTokens, sampling);
  const startedAt = context.now();
  const tokens = promptTokens(context, prompt, maxTokens);
  return decodeText(
    context,
    {
      prompt: { tokens, head: 0 },
      rolledBack: [],
      sampling,
      maxTokens,
      doneAt: () => undefined,
      drafter: context.drafters.drafter(sampling),
      startedAt,
    },
    control,
  );
}

/**
 * Continues a text several times, as a batch if possible: each text is what {@link generate} returns for its sampling options alone.
 * @throws InputError as {@link generate} does
 */
export async function generateSeveral(
  context: GenerationContext,
  { prompt, maxTokens, samplings }: GenerateSeveralRequest,
  control: RequestControl,
): Promise<SeveralTexts> {
  for (const sampling of samplings) checkRequest(maxTokens, sampling);
  const startedAt = context.now();
  const tokens = promptTokens(context, prompt, maxTokens);
  if (maxTokens === 0 || !canBatch(context, tokens.length + maxTokens)) {
    const results: GenerationResult[] = [];
    for (const sampling of samplings) results.push(await generate(context, { prompt, maxTokens, sampling }, control));
    return { promptTokens: tokens, texts: results, timings: sumTimings(results.map(({ timings }) => timings)) };
  }
  const tokenizedAt = context.now();
  const rules = { prompt: { tokens, head: 0 }, rolledBack: [], maxTokens, doneAt: () => undefined };
  const writers = samplings.map((sampling) => new TextWriter(context.tokenizer, { ...rules, sampling }));
  const { texts, cachedTokens, prefillMs, decodeMs } = await decodeBatch(context, tokens, writers, control);
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

/** The sum of the timings of several requests; `firstTokenMs` is that of the first. */
function sumTimings(timings: readonly Timings[]): Timings {
  const sum = (key: keyof Timings) => timings.reduce((total, timing) => total + timing[key], 0);
  return {
    queueMs: sum("queueMs"),
    tokenizeMs: sum("tokenizeMs"),
    prefillMs: sum("prefillMs"),
    decodeMs: sum("decodeMs"),
    firstTokenMs: timings[0]?.firstTokenMs ?? 0,
    totalMs: sum("totalMs"),
    promptTokens: sum("promptTokens"),
    cachedTokens: sum("cachedTokens"),
    newTokens: sum("newTokens"),
    draftedTokens: sum("draftedTokens"),
    acceptedTokens: sum("acceptedTokens"),
  };
}
