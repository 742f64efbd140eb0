import { type CacheSlot, type SlotUse, usualAhead } from "../../gpt2/languageModel";
import type { GenerationContext } from "../context";
import type { RequestControl } from "../control";
import { nextWindow } from "../prompt/contextEnd";
import type { PromptTokens } from "../prompt/layout";
import type { StopOptions } from "../request";
import type { Drafter } from "../speculative/drafter";
import { choosesItself, runStep, type TokenChoice } from "./nextTokens";
import { prefillUpToLastChunk } from "./prefill";

export interface Decoding extends TokenChoice {
  readonly prompt: PromptTokens;
  /** Appends a token to the text. @returns whether the text goes on */
  readonly accept: (token: number) => boolean;
  readonly drafter: Drafter;
  /** The window moves on unless given. */
  readonly contextEnd?: StopOptions["contextEnd"];
  readonly slotUse?: SlotUse | undefined;
}

/** What decoding took, besides the tokens it produced. */
export interface DecodeStats {
  /** Milliseconds until the logits of the prompt's last token were available. */
  readonly prefillMs: number;
  /** Milliseconds from then to the last token. */
  readonly decodeMs: number;
  /** Tokens of the prompt that were in the KV cache. */
  readonly cachedTokens: number;
  readonly draftedTokens: number;
  readonly acceptedTokens: number;
  /** Whether the request was cancelled before the text was done. */
  readonly cancelled: boolean;
  /** Whether the text ended with the context. */
  readonly contextFull: boolean;
}

/** A decode in progress. */
interface DecodeState {
  readonly began: number;
  sequence: number[];
  readonly stats: { -readonly [Key in keyof DecodeStats]: DecodeStats[Key] };
}

/**
 * Prefills a prompt and decodes until `accept` returns false or the request is cancelled. Each step runs the last token together with a
 * draft of what may follow, then samples one token after another for as long as they equal the draft.
 *
 * Every token is sampled from the logits of exactly the tokens before it, so drafts never change the text, they only save steps. With a
 * temperature this is speculative sampling (Leviathan et al. 2023) with a deterministic draft: a drafted token is kept with its
 * probability under the model, and the token drawn instead of it follows the rest of the distribution.
 *
 * A text that outgrows the context continues in a window moved by about a quarter, which is prefilled again: the keys and values of
 * GPT-2 depend on absolute positions and cannot be shifted.
 */
export async function decode(
  context: GenerationContext,
  decoding: Decoding,
  control: RequestControl,
): Promise<DecodeStats> {
  const { model } = context;
  const { prompt, contextEnd = "move" } = decoding;
  const state: DecodeState = {
    began: context.now(),
    sequence: [...prompt.tokens],
    stats: {
      prefillMs: 0,
      decodeMs: 0,
      cachedTokens: 0,
      draftedTokens: 0,
      acceptedTokens: 0,
      cancelled: false,
      contextFull: false,
    },
  };
  const { stats } = state;
  stats.cancelled = control.signal.aborted;
  for (let windows = 0; !stats.cancelled && !stats.contextFull; windows++) {
    using slot = await model.acquire(state.sequence, decoding.slotUse);
    if (windows === 0) stats.cachedTokens = slot.tokens.length;
    const outcome = await decodeInWindow(context, decoding, slot, state, control);
    if (outcome === "done") break;
    stats.cancelled = outcome === "cancelled";
    stats.contextFull = outcome === "contextFull" && contextEnd === "stop";
    if (outcome === "contextFull" && contextEnd !== "stop") {
      state.sequence = [...nextWindow(state.sequence, prompt.head, contextEnd, context)];
    }
  }
  return stats;
}

/** Decodes until the text is done, the request is cancelled, or the sequence no longer fits the context. */
async function decodeInWindow(
  context: GenerationContext,
  decoding: Decoding,
  slot: CacheSlot,
  state: DecodeState,
  control: RequestControl,
): Promise<"done" | "cancelled" | "contextFull"> {
  const { model, now, drafters } = context;
  const { contextLength } = context;
  const { sequence, stats } = state;
  const isCancelled = () => control.signal.aborted;
  while (await prefillUpToLastChunk(context, slot, sequence, control)) {
    const unread = sequence.slice(slot.tokens.length);
    const proposed = await decoding.drafter.propose(sequence, contextLength - sequence.length, control);
    if (isCancelled()) break;
    // The tokens of steps that are under way come first: they are correct, and cost nothing more.
    const underWay = model.stepsAhead ?? 0;
    const drains = underWay > 0 && proposed.length > 0;
    const draft = drains ? [] : proposed;
    const ahead = drains ? underWay - 1 : draft.length > 0 ? 0 : mostAhead(context, decoding, sequence.length);
    const stepBegan = now();
    const step = { slot, tokens: [...unread, ...draft], rows: draft.length + 1, ahead };
    const tokenOf = await runStep(model, decoding, step);
    if (unread.length === 1 && !drains) drafters.costs.record(draft.length, now() - stepBegan, sequence.length);
    stats.prefillMs ||= now() - state.began;
    stats.draftedTokens += draft.length;

    const before = sequence.length;
    if (!chooseTokens(context, decoding, tokenOf, draft, state)) return "done";
    decoding.drafter.record(sequence.slice(before), drains ? 1 : undefined);
    model.rewind(slot, sequence.length - 1);

    await control.pause();
    if (isCancelled()) break;
    if (sequence.length > contextLength) return "contextFull";
  }
  return "cancelled";
}

/** How many steps may be under way after the next one. A draft that takes time would wait for them. */
function mostAhead({ model, drafters, contextLength }: GenerationContext, choice: TokenChoice, length: number): number {
  const rule = drafters.hasDraftModel ? undefined : choosesItself(model, choice);
  return rule?.count === 1 ? Math.max(0, Math.min(usualAhead, rule.following, contextLength - length)) : 0;
}

/**
 * Chooses tokens until one differs from the draft, and appends them to the sequence and the text.
 * @param tokenOf the token after so many tokens of the draft
 * @returns whether the text goes on
 */
function chooseTokens(
  { now }: GenerationContext,
  { accept }: Decoding,
  tokenOf: (row: number) => number,
  draft: readonly number[],
  { began, sequence, stats }: DecodeState,
): boolean {
  for (let row = 0; ; row++) {
    const token = tokenOf(row);
    sequence.push(token);
    const isDrafted = token === draft[row];
    if (isDrafted) stats.acceptedTokens++;
    stats.decodeMs = now() - began - stats.prefillMs;
    if (!accept(token)) return false;
    if (!isDrafted) return true;
  }
}
