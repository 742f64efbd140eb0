import type { GenerationContext, RequestControl } from "../context";
import { decode } from "./decode";
import { draftsAtMost, type Drafter } from "../speculative/drafting";
import type { GenerationResult } from "../request";
import { type TextRules, TextWriter } from "./textWriter";

/** A prompt in tokens, and when the text behind it is done. */
export interface Writing extends TextRules {
  readonly drafter: Drafter;
  /** When the prompt's text began to be turned into tokens. */
  readonly startedAt: number;
}

/** Decodes a text until it is done, long enough, at the model's end of text, or nobody wants it any more. */
export async function write(
  context: GenerationContext,
  writing: Writing,
  control: RequestControl,
): Promise<GenerationResult> {
  const { tokenizer, now } = context;
  const { prompt, drafter, startedAt, maxTokens } = writing;
  const tokenizedAt = now();
  const writer = new TextWriter(tokenizer, writing);
  let firstTextAt: number | undefined;

  const choose = (logits: Float32Array) => writer.choose(logits);
  const accept = (token: number): boolean => {
    const goesOn = writer.accept(token);
    if (writer.text !== "") firstTextAt ??= now();
    if (writer.finish !== "endOfText") control.onText?.(writer.text);
    return goesOn;
  };
  // A draft longer than what may still be written would be read in vain: the token behind it is chosen too.
  const drafts = draftsAtMost(() => writer.room - 1, drafter);
  const measures =
    maxTokens === 0 ? undefined : await decode(context, { prompt, choose, accept, drafter: drafts }, control);
  context.drafts.add(writer.tokens);

  const endedAt = now();
  return {
    text: writer.end(),
    tokens: writer.tokens,
    promptTokens: prompt.tokens,
    finish: measures?.cancelled ? "cancelled" : writer.finish,
    timings: {
      queueMs: startedAt - control.arrivedAt,
      tokenizeMs: tokenizedAt - startedAt,
      prefillMs: measures?.prefillMs ?? 0,
      decodeMs: measures?.decodeMs ?? 0,
      firstTokenMs: (firstTextAt ?? endedAt) - control.arrivedAt,
      totalMs: endedAt - control.arrivedAt,
      promptTokens: prompt.tokens.length,
      cachedTokens: measures?.cachedTokens ?? 0,
      newTokens: writer.tokens.length,
      draftedTokens: measures?.draftedTokens ?? 0,
      acceptedTokens: measures?.acceptedTokens ?? 0,
    },
  };
}
