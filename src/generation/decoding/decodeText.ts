import type { SlotUse } from "../../gpt2/languageModel";
import type { GenerationContext } from "../context";
import type { RequestControl } from "../control";
import { decode } from "./loop";
import { limitDrafts, type Drafter } from "../speculative/drafter";
import type { GenerationResult } from "../request";
import { type TextRules, TextWriter } from "./textWriter";

/** A prompt in tokens, and when the text after it is done. */
export interface TextDecoding extends TextRules {
  readonly drafter: Drafter;
  /** When tokenizing the prompt began, by the context's clock, in ms. */
  readonly startedAt: number;
  /** Chooses the first token as if all logits were equal, and takes it for the prompt. */
  readonly beginsFreely?: boolean;
  /** What the cache slot is for, see `LanguageModel.acquire`. */
  readonly slotUse?: SlotUse;
}

/** Decodes a text until it is done, has its maximum length, ends with the model's end of text, or is cancelled. */
export async function decodeText(
  context: GenerationContext,
  decoding: TextDecoding,
  control: RequestControl,
): Promise<GenerationResult> {
  const { tokenizer, now } = context;
  const { drafter, startedAt, maxTokens, stops } = decoding;
  const tokenizedAt = now();
  const writer = new TextWriter(tokenizer, decoding);
  let firstTextAt: number | undefined;

  const choose = (logits: Float32Array) => writer.choose(logits);
  const accept = (token: number): boolean => {
    const goesOn = writer.accept(token);
    if (writer.text !== "") firstTextAt ??= now();
    if (writer.finish !== "endOfText") control.onText?.(writer.text, writer.lastChoice);
    return goesOn;
  };
  let { prompt } = decoding;
  let goesOn = maxTokens > 0;
  if (goesOn && decoding.beginsFreely) {
    const token = choose(new Float32Array(context.model.config.vocabSize).fill(1));
    goesOn = accept(token);
    prompt = { tokens: [token], head: 0 };
  }
  // Each step also yields the token after the draft, so a draft may have one token less than the text may still grow by.
  const limited = limitDrafts(() => writer.remaining - 1, drafter);
  const stats = goesOn
    ? await decode(
        context,
        {
          ...{ prompt, choose, accept, likeliest: () => writer.likeliest, drafter: limited },
          ...{ contextEnd: stops?.contextEnd, slotUse: decoding.slotUse },
        },
        control,
      )
    : undefined;
  if (stats?.cancelled) writer.finish = "cancelled";
  if (stats?.contextFull) writer.finish = "context";
  context.drafters.addWritten(writer.tokens);

  const endedAt = now();
  return {
    ...writer.end(),
    promptTokens: decoding.prompt.tokens,
    timings: {
      queueMs: startedAt - control.arrivedAt,
      tokenizeMs: tokenizedAt - startedAt,
      prefillMs: stats?.prefillMs ?? 0,
      decodeMs: stats?.decodeMs ?? 0,
      firstTokenMs: (firstTextAt ?? endedAt) - control.arrivedAt,
      totalMs: endedAt - control.arrivedAt,
      promptTokens: decoding.prompt.tokens.length,
      cachedTokens: stats?.cachedTokens ?? 0,
      newTokens: writer.newTokens,
      draftedTokens: stats?.draftedTokens ?? 0,
      acceptedTokens: stats?.acceptedTokens ?? 0,
    },
  };
}
