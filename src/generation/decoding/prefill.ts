import type { CacheSlot, LanguageModel } from "../../gpt2/languageModel";
import type { RequestControl } from "../control";
import type { PrefillChunkSizer } from "./prefillChunkSizer";

/** What prefill needs of a generation context. */
export interface PrefillContext {
  readonly model: LanguageModel;
  readonly chunkSizer: PrefillChunkSizer;
  /** A monotonic clock, in ms. */
  readonly now: () => number;
}

/**
 * Runs the tokens of a sequence that its slot does not hold yet, in chunks with a pause between them.
 * @param slot acquired for this sequence, so that at least the last token is left to run
 * @returns logits `[V]` of the last token, a view that is valid until the model runs again; undefined if the request was cancelled
 */
export async function prefill(
  context: PrefillContext,
  slot: CacheSlot,
  sequence: readonly number[],
  control: RequestControl,
): Promise<Float32Array | undefined> {
  if (!(await prefillUpToLastChunk(context, slot, sequence, control))) return undefined;
  return context.model.forward(slot, sequence.slice(slot.tokens.length));
}

/**
 * Fills the KV cache as {@link prefill} does, without computing logits. The slot may hold the whole sequence already.
 * @returns false if the request was cancelled
 */
export async function fillCache(
  context: PrefillContext,
  slot: CacheSlot,
  sequence: readonly number[],
  control: RequestControl,
): Promise<boolean> {
  if (!(await prefillUpToLastChunk(context, slot, sequence, control))) return false;
  const rest = sequence.slice(slot.tokens.length);
  if (rest.length > 0) await context.model.forward(slot, rest, 0);
  return true;
}

/**
 * Prefills all but the last chunk, which the caller runs together with a draft.
 * @returns false if the request was cancelled
 */
export async function prefillUpToLastChunk(
  { model, chunkSizer, now }: PrefillContext,
  slot: CacheSlot,
  sequence: readonly number[],
  control: RequestControl,
): Promise<boolean> {
  while (sequence.length - slot.tokens.length > chunkSizer.chunk) {
    const done = slot.tokens.length;
    const chunk = sequence.slice(done, done + chunkSizer.chunk);
    const began = now();
    await model.forward(slot, chunk, 0);
    chunkSizer.record(chunk.length, now() - began);
    await control.pause();
    if (control.signal.aborted) return false;
  }
  return true;
}
