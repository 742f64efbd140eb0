import type { CacheSlot } from "../gpt2/languageModel";
import type { GenerationContext, RequestControl } from "./context";
import { moveWindow, type PromptTokens } from "./layout";
import type { Chooser } from "./sampling/sampler";

/** What came of decoding besides the tokens. Times in milliseconds. */
export interface DecodeMeasures {
  prefillMs: number;
  decodeMs: number;
  /** Tokens of the prompt that were in the cache. */
  cachedTokens: number;
  /** Whether the request was stopped from outside. */
  cancelled: boolean;
}

/**
 * Reads a prompt and writes on, token by token: choose a token, hand it to `accept`, run it, and so on until `accept` returns false or the
 * request is cancelled. A text that outgrows the context goes on in a window moved by about a quarter, which is read anew:
 * the keys and values of a GPT-2 belong to their positions and cannot be shifted.
 * @throws what the model throws.
 */
export async function decode(
  context: GenerationContext,
  prompt: PromptTokens,
  choose: Chooser,
  accept: (token: number) => boolean,
  control: RequestControl,
): Promise<DecodeMeasures> {
  const { model, tokenizer, now } = context;
  const { contextLength } = model.config;
  const measures: DecodeMeasures = { prefillMs: 0, decodeMs: 0, cachedTokens: 0, cancelled: true };

  let sequence = [...prompt.tokens];
  let slot = model.acquire(sequence);
  measures.cachedTokens = slot.tokens.length;
  try {
    const began = now();
    let logits = await prefill(context, slot, sequence, control);
    const prefilled = now();
    measures.prefillMs = prefilled - began;

    while (logits) {
      const token = choose(logits);
      measures.decodeMs = now() - prefilled;
      sequence.push(token);
      if (!accept(token)) {
        measures.cancelled = false;
        break;
      }
      await control.pause();
      if (control.signal.aborted) break;

      if (sequence.length > contextLength) {
        sequence = [...moveWindow(sequence, prompt.head, tokenizer, contextLength - 1)];
        model.release(slot);
        slot = model.acquire(sequence);
      }
      logits = await prefill(context, slot, sequence, control);
    }
  } finally {
    model.release(slot);
  }
  return measures;
}

/**
 * Runs what the slot does not hold yet of `sequence`, in chunks with a pause between them.
 * @returns the logits `[V]` behind the last token, or undefined when the request was cancelled.
 */
export async function prefill(
  { model, pace, now }: GenerationContext,
  slot: CacheSlot,
  sequence: readonly number[],
  control: RequestControl,
): Promise<Float32Array | undefined> {
  for (;;) {
    const done = slot.tokens.length;
    const chunk = sequence.slice(done, done + pace.chunk);
    const isLast = done + chunk.length === sequence.length;
    const began = now();
    const logits = await model.forward(slot, chunk, isLast ? 1 : 0);
    pace.record(chunk.length, now() - began);
    if (isLast) return logits;
    await control.pause();
    if (control.signal.aborted) return undefined;
  }
}
