import type { Tokenizer } from "../../tokenizer/tokenizer";
import { completionPrompt, forbidLayout } from "../prompt/completionPrompt";
import type { GenerationContext, RequestControl } from "../context";
import { prefill } from "../decoding/decode";
import { HealingConstraint } from "../prompt/tokenHealing";
import type { CandidatesRequest, NextTokens, TokenCandidate } from "./requests";
import { everyToken, softmax } from "../sampling/distribution";
import { largest } from "../sampling/largest";
import { distribution, filtersFor } from "../sampling/processors/registry";
import { greedyBelow } from "../sampling/sampler";

/** What a completion at this cursor would choose its first token from; nothing when the request was cancelled. */
export async function candidates(
  context: GenerationContext,
  request: CandidatesRequest,
  control: RequestControl,
): Promise<NextTokens> {
  const { tokenizer } = context;
  const { kept, takenBack } = completionPrompt(context, request);
  const logits = await nextLogits(context, kept, control);
  if (logits === undefined) return { takenBack: "", choices: 0, candidates: [] };
  forbidLayout(logits, tokenizer);
  const allowed = new HealingConstraint(takenBack, tokenizer).apply(logits);
  let choices = 0;
  for (const logit of allowed) if (logit > -Infinity) choices++;
  return { takenBack: tokenizer.decode(takenBack), choices, candidates: likeliest(allowed, request, tokenizer) };
}

/** The logits `[V]` behind some tokens, the caller's own; undefined when the request was cancelled. */
export async function nextLogits(
  context: GenerationContext,
  tokens: readonly number[],
  control: RequestControl,
): Promise<Float32Array | undefined> {
  const { model } = context;
  const slot = await model.acquire(tokens, "look");
  try {
    if (!(await prefill(context, slot, tokens, control))) return undefined;
    const logits = (await model.forward(slot, tokens.slice(slot.tokens.length))).slice();
    await control.pause();
    return control.signal.aborted ? undefined : logits;
  } finally {
    slot[Symbol.dispose]();
  }
}

/**
 * The tokens with the largest logits, of all or of those that are searched for.
 * @param logits `[V]`, -Infinity for tokens that may not be chosen
 */
export function likeliest(
  logits: Float32Array,
  { count, search = "", sampling }: Pick<CandidatesRequest, "count" | "search" | "sampling">,
  tokenizer: Tokenizer,
): TokenCandidate[] {
  const tokens = search === "" ? largest(logits, count) : likeliestFound(logits, count, finder(search, tokenizer));
  const probabilities = softmax(logits, everyToken(logits.length), 1);
  const chances = sampling && chancesOf(logits, sampling);
  return Array.from(tokens, (token, i) => {
    const probability = probabilities[token] ?? 0;
    return {
      token,
      text: tokenizer.decode([token]),
      logit: logits[token] ?? -Infinity,
      probability,
      chance: chances ? (chances[token] ?? 0) : probability,
      rank: search === "" ? i + 1 : rankOf(token, logits),
    };
  });
}

/** Of the tokens that are wanted, those with the largest logits. */
function likeliestFound(logits: Float32Array, count: number, isWanted: (token: number) => boolean): Int32Array {
  const wanted = everyToken(logits.length).filter(isWanted);
  const values = Float32Array.from(wanted, (token) => logits[token] ?? -Infinity);
  return largest(values, count).map((index) => wanted[index] ?? 0);
}

/** A token's place among all, as {@link largest} orders them. */
function rankOf(token: number, logits: Float32Array): number {
  const own = logits[token] ?? -Infinity;
  let rank = 1;
  for (let other = 0; other < logits.length; other++) {
    const logit = logits[other] as number;
    if (logit > own || (logit === own && other < token)) rank++;
  }
  return rank;
}

/** Tells whether a token is the one with this id, or has this text in it. */
function finder(search: string, tokenizer: Tokenizer): (token: number) => boolean {
  const wanted = new TextEncoder().encode(search);
  const id = /^\d+$/.test(search) ? Number(search) : -1;
  return (token) => token === id || contains(tokenizer.bytes(token), wanted);
}

function contains(bytes: Uint8Array, wanted: Uint8Array): boolean {
  for (let start = 0; start + wanted.length <= bytes.length; start++) {
    if (wanted.every((byte, i) => byte === bytes[start + i])) return true;
  }
  return false;
}

/** How likely each token `[V]` is to be drawn. */
function chancesOf(logits: Float32Array, sampling: NonNullable<CandidatesRequest["sampling"]>): Float64Array {
  const { tokens, probabilities } =
    sampling.temperature < greedyBelow
      ? { tokens: largest(logits, 1), probabilities: Float64Array.of(1) }
      : distribution(logits, sampling, filtersFor(sampling));
  const chances = new Float64Array(logits.length);
  for (let i = 0; i < probabilities.length; i++) chances[tokens[i] as number] = probabilities[i] ?? 0;
  return chances;
}
