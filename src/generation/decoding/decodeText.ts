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
}

/** Decodes a text until it is done, has its maximum length, ends with the model's end of text, or is cancelled. */
export async function decodeText(
  context: GenerationContext,
  decoding: TextDecoding,
  control: RequestControl,
): Promise<GenerationResult> {
  const { tokenizer, now } = context;
  const { prompt, drafter, startedAt, maxTokens } = decoding;
  const tokenizedAt = now();
  const writer = new TextWriter(tokenizer, decoding);
  let firstTextAt: number | undefined;

  const choose = (logits: Float32Array) => writer.choose(logits);
  const accept = (token: number): boolean => {
    const goesOn = writer.accept(token);
    if (writer.text !== "") firstTextAt ??= now();
    if (writer.finish !== "endOfText") control.onText?.(writer.text);
    return goesOn;
  };
  // Each step also yields the token after the draft, so a draft may have one token less than the text may still grow by.
  const limited = limitDrafts(() => writer.remaining - 1, drafter);
  const stats =
    maxTokens === 0 ? undefined : await decode(context, { prompt, choose, accept, drafter: limited }, control);
  context.drafters.addWritten(writer.tokens);

  const endedAt = now();
  return {
    text: writer.end(),
    tokens: writer.tokens,
    promptTokens: prompt.tokens,
    finish: stats?.cancelled ? "cancelled" : writer.finish,
    timings: {
      queueMs: startedAt - control.arrivedAt,
      tokenizeMs: tokenizedAt - startedAt,
      prefillMs: stats?.prefillMs ?? 0,
      decodeMs: stats?.decodeMs ?? 0,
      firstTokenMs: (firstTextAt ?? endedAt) - control.arrivedAt,
      totalMs: endedAt - control.arrivedAt,
      promptTokens: prompt.tokens.length,
      cachedTokens: stats?.cachedTokens ?? 0,
      newTokens: writer.tokens.length,
      draftedTokens: stats?.draftedTokens ?? 0,
      acceptedTokens: stats?.acceptedTokens ?? 0,
    },
  };
}
