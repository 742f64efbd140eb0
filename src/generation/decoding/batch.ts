import { sameTokens } from "../../gpt2/sameTokens";
import type { Branches, CacheSlot, SlotUse } from "../../gpt2/languageModel";
import type { GenerationContext } from "../context";
import type { RequestControl } from "../control";
import type { Alternative } from "../request";
import { prefill } from "./prefill";
import type { TextWriter } from "./textWriter";

/** More texts than this are decoded in several batches. */
const maxBatch = 16;

/** How a batch is decoded. */
export interface BatchOptions {
  /** Whether the texts stay in the KV cache, each in a slot of its own, as far as its budget allows. */
  readonly keepsTexts: boolean;
  /** Tokens that a text can have. */
  readonly maxTokens: number;
}

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
  return others.every((prompt) => sameTokens(prompt, first));
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
  readonly slotUse: SlotUse;
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
  options: BatchOptions = { keepsTexts: false, maxTokens: 0 },
): Promise<BatchResult> {
  const began = context.now();
  const slotUse = options.keepsTexts ? "branch" : "continue";
  const state: BatchState = { context, control, slotUse, cachedTokens: 0, prefillMs: 0 };
  const shareOnePrompt = haveOnePrompt(rows.map(({ prompt }) => prompt)) && !fitSlotsOfTheirOwn(context, rows, options);
  await (shareOnePrompt ? decodeFromOnePrompt : decodeFromSeveralPrompts)(state, rows);
  const { cachedTokens, prefillMs } = state;
  const texts = rows.map(({ writer }) => writer.end());
  return { texts, cachedTokens, prefillMs, decodeMs: context.now() - began - prefillMs };
}

/** Whether each text is to stay in the cache, and they all fit. */
function fitSlotsOfTheirOwn(
  { model, contextLength }: GenerationContext,
  rows: readonly BatchRow[],
  { keepsTexts, maxTokens }: BatchOptions,
): boolean {
  const positions = rows.reduce((sum, { prompt }) => sum + prompt.length + maxTokens, 0);
  return keepsTexts && model.join !== undefined && positions <= model.fullSlots * contextLength;
}

async function decodeFromOnePrompt(state: BatchState, rows: readonly BatchRow[]): Promise<void> {
  const { model } = state.context;
  const [prompt = []] = rows.map((row) => row.prompt);
  using slot = await model.acquire(prompt, state.slotUse);
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
        const same = some.slice(0, i).findIndex((other) => sameTokens(other.prompt, prompt));
        const known = texts[same]?.first;
        // A copy of another slot, with the last token of the prompt: its logits are known.
        const slot = await model.acquire(known ? [...prompt, 0] : prompt, state.slotUse);
        slots.push(slot);
        if (known) state.cachedTokens += prompt.length;
        const first = known ?? (await prefillTimed(state, slot, prompt));
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
      control.onTexts?.(index, writer.text, goesOn || writer.finish !== "endOfText" ? writer.lastChoice : undefined);
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
