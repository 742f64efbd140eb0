import type { GenerationContext, RequestControl } from "./context";
import { prefill } from "./decode";
import type { Prompt, TokenCandidate } from "./request";
import { softmax } from "./sampling/distribution";
import { largest } from "./sampling/largest";
import type { Tokenizer } from "../tokenizer/tokenizer";

/** The likeliest next tokens at a cursor, the likeliest first; none when the request was cancelled. */
export async function candidates(
  context: GenerationContext,
  prompt: Prompt,
  count: number,
  control: RequestControl,
): Promise<readonly TokenCandidate[]> {
  const { model, tokenizer, prompts } = context;
  const { tokens } = prompts.encode(prompt, model.config.contextLength, 1);
  const slot = model.acquire(tokens);
  try {
    if (!(await prefill(context, slot, tokens, control))) return [];
    return likeliest(await model.forward(slot, tokens.slice(slot.tokens.length)), count, tokenizer);
  } finally {
    model.release(slot);
  }
}

/**
 * The `count` tokens with the largest logits.
 * @param logits `[V]`. The probabilities are their softmax over all tokens at temperature 1, before any filter.
 */
export function likeliest(logits: Float32Array, count: number, tokenizer: Tokenizer): TokenCandidate[] {
  const probabilities = softmax(logits, Int32Array.from(logits.keys()), 1);
  return Array.from(largest(logits, count), (token) => ({
    token,
    text: tokenizer.decode([token]),
    logit: logits[token] ?? -Infinity,
    probability: probabilities[token] ?? 0,
  }));
}
