import type { Branches, CacheSlot } from "../../gpt2/languageModel";
import type { GenerationContext } from "../context";
import type { RequestControl } from "../control";
import type { Alternative } from "../request";
import { prefill } from "./prefill";
import type { TextWriter } from "./textWriter";

/** More texts than this are decoded in several batches. */
const maxBatch = 16;

/** One text of a batch. */
export interface BatchRow {
  readonly prompt: readonly number[];
  readonly writer: TextWriter;
}

/**
 * Whether texts can be decoded as a batch: the model can branch, and no text can outgrow the context.
 * @param maxTokens tokens that a text can have
 */
export function canBatch(
  { model, contextLength }: Pick<GenerationContext, "model" | "contextLength">,
  prompts: readonly (readonly number[])[],
  maxTokens: number,
): boolean {
  if (prompts.some(({ length }) => length + maxTokens > contextLength)) return false;
  return haveOnePrompt(prompts) ? model.branch !== undefined : model.join !== undefined;
}

function haveOnePrompt([first = [], ...others]: readonly (readonly number[])[]): boolean {
  return others.every((prompt) => prompt.length === first.length && prompt.every((token, i) => token === first[i]));
}

/** The texts of a batch and what they took, as in `Timings`. */
export interface BatchResult {
  readonly texts: readonly Alternative[];
  readonly cachedTokens: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
}

/** What a batch is made of, and what it took so far. */
interface BatchState {
  readonly context: GenerationContext;
  readonly control: RequestControl;
  cachedTokens: number;
  prefillMs: number;
}

/**
 * Decodes several texts as a batch. If they have one prompt, it is prefilled once, and they share its keys and values. Each text gets the
 * tokens that it would get on its own. If the request is cancelled, unfinished texts finish as `cancelled`.
 */
export async function decodeBatch(
  context: GenerationContext,
  rows: readonly BatchRow[],
  control: RequestControl,
): Promise<BatchResult> {
  const began = context.now();
  const state: BatchState = { context, control, cachedTokens: 0, prefillMs: 0 };
  const decode = haveOnePrompt(rows.map(({ prompt }) => prompt)) ? decodeFromOnePrompt : decodeFromSeveralPrompts;
  await decode(state, rows);
  const { cachedTokens, prefillMs } = state;
  const texts = rows.map(({ writer }) => writer.end());
  return { texts, cachedTokens, prefillMs, decodeMs: context.now() - began - prefillMs };
}

async function decodeFromOnePrompt(state: BatchState, rows: readonly BatchRow[]): Promise<void> {
  const { model } = state.context;
  const [prompt = []] = rows.map((row) => row.prompt);
  using slot = await model.acquire(prompt);
  const first = await prefillTimed(state, slot, prompt);
  for (let start = 0; start < rows.length; start += maxBatch) {
    const some = rows.slice(start, start + maxBatch);
    using branches = first && !state.control.signal.aborted ? model.branch?.(slot, some.length) : undefined;
    if (!first || !branches) {
      cancel(rows.slice(start));
      return;
    }
    await decodeBranches(
      branches,
      some.map(({ writer }, i) => ({ writer, index: start + i, first })),
      state.control,
    );
  }
}

async function decodeFromSeveralPrompts(state: BatchState, rows: readonly BatchRow[]): Promise<void> {
  const { model } = state.context;
  for (let start = 0; start < rows.length; start += maxBatch) {
    const some = rows.slice(start, start + maxBatch);
    const slots: CacheSlot[] = [];
    try {
      const texts: BranchText[] = [];
      for (const [i, { prompt, writer }] of some.entries()) {
        const slot = await model.acquire(prompt);
        slots.push(slot);
        const first = await prefillTimed(state, slot, prompt);
        if (first) texts.push({ writer, index: start + i, first });
      }
      if (texts.length < some.length || state.control.signal.aborted) {
        cancel(rows.slice(start));
        return;
      }
      using branches = await model.join?.(slots);
      if (branches) await decodeBranches(branches, texts, state.control);
    } finally {
      for (const slot of slots) slot[Symbol.dispose]();
    }
  }
}

/** @returns logits `[V]` after the prompt, undefined if the request was cancelled */
async function prefillTimed(
  state: BatchState,
  slot: CacheSlot,
  prompt: readonly number[],
): Promise<Float32Array | undefined> {
  const { context, control } = state;
  const began = context.now();
  state.cachedTokens += slot.tokens.length;
  const logits = control.signal.aborted ? undefined : (await prefill(context, slot, prompt, control))?.slice();
  state.prefillMs += context.now() - began;
  return logits;
}

function cancel(texts: readonly { readonly writer: TextWriter }[]): void {
  for (const { writer } of texts) writer.finish = "cancelled";
}

/** The text of a branch. */
interface BranchText {
  readonly writer: TextWriter;
  /** Its number in the whole batch. */
  readonly index: number;
  /** Logits `[V]` after its prompt. */
  readonly first: Float32Array;
}

async function decodeBranches(
  branches: Branches,
  texts: readonly BranchText[],
  control: RequestControl,
): Promise<void> {
  let active = texts.map(({ writer, index, first }, branch) => {
    const logits: Float32Array = first.slice();
    return { writer, index, branch, logits };
  });
  for (;;) {
    const steps = active.flatMap(({ writer, index, branch, logits }) => {
      const token = writer.choose(logits);
      const goesOn = writer.accept(token);
      control.onTexts?.(index, writer.text);
      return goesOn ? [{ writer, index, branch, token }] : [];
    });
    if (steps.length === 0) return;
    await control.pause();
    if (control.signal.aborted) {
      cancel(steps);
      return;
    }
    const logits = await branches.forward(steps);
    const size = logits.length / steps.length;
    active = steps.map((step, row) => ({ ...step, logits: logits.subarray(row * size, (row + 1) * size) }));
  }
}
