import type { GenerationContext } from "./context";
import type { RequestControl } from "./control";
import { type BatchRow, canBatch, decodeBatch } from "./decoding/batch";
import { decodeText } from "./decoding/decodeText";
import { type TextRules, TextWriter } from "./decoding/textWriter";
import { isEmptyPrompt, promptTokens, writtenTokens } from "./prompt/freePrompt";
import type {
  GenerateRequest,
  GenerateSeveralRequest,
  GenerationResult,
  SeveralTexts,
  TextOptions,
  Timings,
} from "./request";
import { checkSampling, checkTextOptions } from "./validate";

/**
 * Continues a text, or token ids exactly as they are. An empty prompt begins a new document (`<|endoftext|>`). A prompt that is longer
 * than the context is cut at its start, and so is a text that outgrows the context, unless it is to end there.
 * @throws InputError for a token id outside the vocabulary, numbers out of range and constraints that cannot be kept to
 */
export async function generate(
  context: GenerationContext,
  request: GenerateRequest,
  control: RequestControl,
): Promise<GenerationResult> {
  const { prompt, sampling } = request;
  check(context, request, [sampling]);
  const startedAt = context.now();
  const beginsFreely = isEmptyPrompt(prompt) && request.emptyPrompt === "equalLogits";
  const tokens = beginsFreely ? [] : promptTokens(context, prompt, request.maxTokens);
  return decodeText(
    context,
    {
      ...textRules(context, request, control),
      prompt: { tokens, head: 0 },
      written: writtenTokens(prompt),
      sampling,
      slotUse: request.branchable ? "branch" : "continue",
      drafter: context.drafters.drafter(sampling),
      startedAt,
      beginsFreely,
    },
    control,
  );
}

/**
 * Writes several texts, as a batch if possible: each is what {@link generate} returns for its prompt and sampling options alone.
 * @throws InputError as {@link generate} does
 */
export async function generateSeveral(
  context: GenerationContext,
  request: GenerateSeveralRequest,
  control: RequestControl,
): Promise<SeveralTexts> {
  const { texts, maxTokens, emptyPrompt, branchable = false } = request;
  check(
    context,
    request,
    texts.map(({ sampling }) => sampling),
  );
  const startedAt = context.now();
  if (emptyPrompt === "equalLogits" && texts.some(({ prompt }) => isEmptyPrompt(prompt))) {
    return oneByOne(context, request, control);
  }
  const prompts = texts.map(({ prompt }) => promptTokens(context, prompt, maxTokens));
  if (texts.length === 1 || maxTokens === 0 || !canBatch(context, prompts, maxTokens)) {
    return oneByOne(context, request, control);
  }
  const tokenizedAt = context.now();
  const rules = textRules(context, request, control);
  const rows = texts.map(({ sampling, prompt }, i): BatchRow => {
    const tokens = prompts[i] ?? [];
    const own = { prompt: { tokens, head: 0 }, written: writtenTokens(prompt), sampling };
    return { prompt: tokens, writer: new TextWriter(context.tokenizer, { ...rules, ...own }) };
  });
  const options = { keepsTexts: branchable, maxTokens };
  const { texts: results, cachedTokens, prefillMs, decodeMs } = await decodeBatch(context, rows, control, options);
  const timings = {
    queueMs: startedAt - control.arrivedAt,
    tokenizeMs: tokenizedAt - startedAt,
    prefillMs,
    decodeMs,
    firstTokenMs: tokenizedAt + prefillMs - control.arrivedAt,
    totalMs: context.now() - control.arrivedAt,
    promptTokens: prompts.reduce((sum, { length }) => sum + length, 0),
    cachedTokens,
    newTokens: rows.reduce((sum, { writer }) => sum + writer.newTokens, 0),
    draftedTokens: 0,
    acceptedTokens: 0,
  };
  return { texts: results.map((text, i) => ({ ...text, promptTokens: prompts[i] ?? [] })), timings };
}

async function oneByOne(
  context: GenerationContext,
  { texts, ...options }: GenerateSeveralRequest,
  control: RequestControl,
): Promise<SeveralTexts> {
  const results: GenerationResult[] = [];
  for (const [index, text] of texts.entries()) {
    const onText: RequestControl["onText"] = (soFar, token) => control.onTexts?.(index, soFar, token);
    results.push(await generate(context, { ...options, ...text }, { ...control, onText }));
  }
  return { texts: results, timings: sumTimings(results.map(({ timings }) => timings)) };
}

function check(
  { model, tokenizer }: GenerationContext,
  options: TextOptions,
  samplings: readonly GenerateRequest["sampling"][],
): void {
  checkTextOptions(options, model.config.vocabSize);
  for (const sampling of samplings) checkSampling(sampling, tokenizer.vocabSize);
}

/** What a request says of its texts, whatever their prompts and sampling options. */
function textRules(
  { constraints, now }: GenerationContext,
  { maxTokens, stops, constraint, logProbabilities }: TextOptions,
  control: RequestControl,
): Omit<TextRules, "prompt" | "sampling"> {
  const end = control.arrivedAt + (stops?.maxMs ?? Infinity);
  return {
    rolledBack: [],
    maxTokens,
    ...(stops && { stops }),
    ...(stops?.maxMs !== undefined && { isLate: () => now() >= end }),
    ...(constraint && { constraint: constraints.get(constraint) }),
    ...(logProbabilities !== undefined && { logProbabilities }),
  };
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
