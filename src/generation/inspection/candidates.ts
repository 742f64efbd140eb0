import type { Tokenizer } from "../../tokenizer/tokenizer";
import { completionPrompt, maskFimTokens } from "../prompt/completionPrompt";
import type { GenerationContext } from "../context";
import type { RequestControl } from "../control";
import { prefill } from "../decoding/prefill";
import { HealingConstraint } from "../prompt/tokenHealing";
import type { CandidatesRequest, NextTokens, TokenCandidate } from "./requests";
import { everyToken, softmax } from "../sampling/distribution";
import { largest } from "../sampling/largest";
import { distribution, filtersFor } from "../sampling/processors/registry";
import { greedyBelow } from "../sampling/sampler";

/** The tokens that a completion at this cursor would choose its first token from; none if the request was cancelled. */
export async function candidates(
  context: GenerationContext,
  request: CandidatesRequest,
  control: RequestControl,
): Promise<NextTokens> {
  const { tokenizer } = context;
  const { kept, rolledBack } = completionPrompt(context, request);
  const logits = await nextLogits(context, kept, control);
  if (logits === undefined) return { rolledBack: "", choices: 0, candidates: [] };
  maskFimTokens(logits, tokenizer);
  const allowed = new HealingConstraint(rolledBack, tokenizer).apply(logits);
  let choices = 0;
  for (const logit of allowed) if (logit > -Infinity) choices++;
  return { rolledBack: tokenizer.decode(rolledBack), choices, candidates: topCandidates(allowed, request, tokenizer) };
}

/** The logits `[V]` after some tokens, as a copy; undefined if the request was cancelled. */
export async function nextLogits(
  context: GenerationContext,
  tokens: readonly number[],
  control: RequestControl,
): Promise<Float32Array | undefined> {
  using slot = await context.model.acquire(tokens, "look");
  const logits = (await prefill(context, slot, tokens, control))?.slice();
  if (!logits) return undefined;
  await control.pause();
  return control.signal.aborted ? undefined : logits;
}

/**
 * The tokens with the largest logits, of all tokens or of those that match a search.
 * @param logits `[V]`, -Infinity for tokens that may not be chosen
 */
export function topCandidates(
  logits: Float32Array,
  { count, search = "", sampling }: Pick<CandidatesRequest, "count" | "search" | "sampling">,
  tokenizer: Tokenizer,
): TokenCandidate[] {
  const tokens = search === "" ? largest(logits, count) : largestAmong(logits, count, matcher(search, tokenizer));
  const probabilities = softmax(logits, everyToken(logits.length), 1);
  const chances = sampling && samplingProbabilities(logits, sampling);
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

/** The tokens with the largest logits among those that match. */
function largestAmong(logits: Float32Array, count: number, matches: (token: number) => boolean): Int32Array {
  const matching = everyToken(logits.length).filter(matches);
  const values = Float32Array.from(matching, (token) => logits[token] ?? -Infinity);
  return largest(values, count).map((index) => matching[index] ?? 0);
}

/** A token's rank among all tokens, as {@link largest} orders them. */
function rankOf(token: number, logits: Float32Array): number {
  const own = logits[token] ?? -Infinity;
  let rank = 1;
  for (let other = 0; other < logits.length; other++) {
    const logit = logits[other] as number;
    if (logit > own || (logit === own && other < token)) rank++;
  }
  return rank;
}

/** A test for tokens that have this id, or contain this text. */
function matcher(search: string, tokenizer: Tokenizer): (token: number) => boolean {
  const bytes = new TextEncoder().encode(search);
  const id = /^\d+$/.test(search) ? Number(search) : -1;
  return (token) => token === id || contains(tokenizer.bytes(token), bytes);
}

function contains(bytes: Uint8Array, part: Uint8Array): boolean {
  for (let start = 0; start + part.length <= bytes.length; start++) {
    if (part.every((byte, i) => byte === bytes[start + i])) return true;
  }
  return false;
}

/** The probability `[V]` of each token under these sampling options. @param logits `[V]` */
export function samplingProbabilities(
  logits: Float32Array,
  sampling: NonNullable<CandidatesRequest["sampling"]>,
): Float64Array {
  const { tokens, probabilities } =
    sampling.temperature < greedyBelow
      ? { tokens: largest(logits, 1), probabilities: Float64Array.of(1) }
      : distribution(logits, sampling, filtersFor(sampling));
  const chances = new Float64Array(logits.length);
  for (let i = 0; i < probabilities.length; i++) chances[tokens[i] as number] = probabilities[i] ?? 0;
  return chances;
}
