import { ByteText } from "./byteText";
import { forbidLayout } from "./completionPrompt";
import type { GenerationContext, RequestControl } from "./context";
import { decode } from "./decode";
import { draftsAtMost, type Drafter } from "./drafting";
import { HealingConstraint } from "./healing";
import type { PromptTokens } from "./layout";
import type { GenerationResult, SamplingOptions } from "./request";
import { sampler } from "./sampling/sampler";

/** A prompt in tokens, and when the text behind it is done. */
export interface Writing {
  readonly prompt: PromptTokens;
  /** Tokens that healing took off the prompt: the text begins by repeating their bytes. */
  readonly takenBack: readonly number[];
  readonly sampling: SamplingOptions;
  /** Tokens at most, besides those that repeat what was taken back. */
  readonly maxTokens: number;
  /** How much of the text to keep when it is done; undefined while it goes on. */
  readonly doneAt: (text: string, tokens: readonly number[]) => number | undefined;
  readonly drafter: Drafter;
  /** When the prompt's text began to be turned into tokens. */
  readonly startedAt: number;
}

/** Decodes a text until it is done, long enough, at the model's end of text, or nobody wants it any more. */
export async function write(
  context: GenerationContext,
  { prompt, takenBack, sampling, maxTokens, doneAt, drafter, startedAt }: Writing,
  control: RequestControl,
): Promise<GenerationResult> {
  const { tokenizer, now } = context;
  const tokenizedAt = now();
  const healing = new HealingConstraint(takenBack, tokenizer);
  const sample = sampler(sampling);
  const written = new ByteText();
  const tokens: number[] = [];
  const limit = maxTokens + takenBack.length;
  let finish: GenerationResult["finish"] = "length";
  let keep: number | undefined;
  let firstTextAt: number | undefined;

  const choose = (logits: Float32Array) => {
    forbidLayout(logits, tokenizer);
    return sample(healing.apply(logits));
  };
  const accept = (token: number): boolean => {
    if (tokenizer.isSpecial(token)) {
      finish = "endOfText";
      return false;
    }
    tokens.push(token);
    written.push(healing.accept(token));
    if (written.value !== "") firstTextAt ??= now();
    control.onText?.(written.value);
    keep = doneAt(written.value, tokens);
    if (keep !== undefined) finish = "stop";
    return keep === undefined && tokens.length < limit;
  };
  // A draft longer than what may still be written would be read in vain: the token behind it is chosen too.
  const drafts = draftsAtMost(() => limit - tokens.length - 1, drafter);
  const measures =
    maxTokens === 0 ? undefined : await decode(context, { prompt, choose, accept, drafter: drafts }, control);
  context.drafts.add(tokens);

  const endedAt = now();
  return {
    text: written.end().slice(0, keep),
    tokens,
    promptTokens: prompt.tokens,
    finish: measures?.cancelled ? "cancelled" : finish,
    timings: {
      queueMs: startedAt - control.arrivedAt,
      tokenizeMs: tokenizedAt - startedAt,
      prefillMs: measures?.prefillMs ?? 0,
      decodeMs: measures?.decodeMs ?? 0,
      firstTokenMs: (firstTextAt ?? endedAt) - control.arrivedAt,
      totalMs: endedAt - control.arrivedAt,
      promptTokens: prompt.tokens.length,
      cachedTokens: measures?.cachedTokens ?? 0,
      newTokens: tokens.length,
      draftedTokens: measures?.draftedTokens ?? 0,
      acceptedTokens: measures?.acceptedTokens ?? 0,
    },
  };
}
