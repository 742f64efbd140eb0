import type { CacheSlot } from "../../gpt2/languageModel";
import type { GenerationContext, RequestControl } from "../context";
import type { Drafter } from "../speculative/drafting";
import { moveWindow, type PromptTokens } from "../prompt/layout";
import type { Chooser } from "../sampling/sampler";

export interface Decoding {
  readonly prompt: PromptTokens;
  readonly choose: Chooser;
  /** Takes the next token of the text. @returns whether the text goes on. */
  readonly accept: (token: number) => boolean;
  readonly drafter: Drafter;
}

/** What came of decoding besides the tokens. */
export interface DecodeMeasures {
  /** Milliseconds until the logits of the prompt's last token were there. */
  prefillMs: number;
  /** Milliseconds from then to the last token. */
  decodeMs: number;
  /** Tokens of the prompt that were in the cache. */
  cachedTokens: number;
  /** Tokens that were drafted, and how many of them were chosen. */
  draftedTokens: number;
  acceptedTokens: number;
  /** Whether the request was stopped from outside. */
  cancelled: boolean;
}

/**
 * Reads a prompt and writes on: run what the model has not read yet and a draft of what may follow, choose token after token as long
 * as the draft is right, and so on until `accept` returns false or the request is cancelled.
 *
 * Every token is chosen from the logits behind the tokens before it, so a draft never changes the text, it only saves steps. With
 * a temperature this is speculative sampling (Leviathan et al. 2023): a drafted token is kept with exactly its probability, and the token
 * drawn in its place otherwise follows the rest of the distribution.
 *
 * A text that outgrows the context goes on in a window moved by about a quarter, which is read anew: the keys and values of a GPT-2
 * belong to their positions and cannot be shifted.
 */
export async function decode(
  context: GenerationContext,
  { prompt, choose, accept, drafter }: Decoding,
  control: RequestControl,
): Promise<DecodeMeasures> {
  const { model, tokenizer, now } = context;
  const { contextLength, vocabSize } = model.config;
  const began = now();
  const isCancelled = () => control.signal.aborted;
  const nothing = { prefillMs: 0, decodeMs: 0, cachedTokens: 0, draftedTokens: 0, acceptedTokens: 0, cancelled: true };
  if (isCancelled()) return nothing;
  let sequence = [...prompt.tokens];
  let slot = await model.acquire(sequence);
  const measures: DecodeMeasures = { ...nothing, cachedTokens: slot.tokens.length };
  try {
    while (await prefill(context, slot, sequence, control)) {
      const unread = sequence.slice(slot.tokens.length);
      const draft = await drafter.propose(sequence, contextLength - sequence.length, control);
      if (isCancelled()) break;
      const stepBegan = now();
      const logits = await model.forward(slot, [...unread, ...draft], draft.length + 1);
      if (unread.length === 1) context.drafts.costs.record(draft.length, now() - stepBegan, sequence.length);
      measures.prefillMs ||= now() - began;
      measures.draftedTokens += draft.length;

      const before = sequence.length;
      let agreed = 0;
      for (;;) {
        const token = choose(logits.subarray(agreed * vocabSize, (agreed + 1) * vocabSize));
        sequence.push(token);
        if (token === draft[agreed]) measures.acceptedTokens++;
        measures.decodeMs = now() - began - measures.prefillMs;
        if (!accept(token)) return { ...measures, cancelled: false };
        if (token !== draft[agreed]) break;
        agreed++;
      }
      drafter.record(sequence.slice(before));
      model.rewind(slot, sequence.length - 1);

      await control.pause();
      if (isCancelled()) break;
      if (sequence.length > contextLength) {
        sequence = [...moveWindow(sequence, prompt.head, tokenizer, contextLength - 1)];
        slot[Symbol.dispose]();
        slot = await model.acquire(sequence);
      }
    }
    return measures;
  } finally {
    slot[Symbol.dispose]();
  }
}

/**
 * Runs what the slot does not hold yet of `sequence`, in chunks with a pause between them, up to the last chunk.
 * @returns whether to go on; false when the request was cancelled.
 */
export async function prefill(
  { model, pace, now }: Pick<GenerationContext, "model" | "pace" | "now">,
  slot: CacheSlot,
  sequence: readonly number[],
  control: RequestControl,
): Promise<boolean> {
  while (sequence.length - slot.tokens.length > pace.chunk) {
    const done = slot.tokens.length;
    const chunk = sequence.slice(done, done + pace.chunk);
    const began = now();
    await model.forward(slot, chunk, 0);
    pace.record(chunk.length, now() - began);
    await control.pause();
    if (control.signal.aborted) return false;
  }
  return true;
}
