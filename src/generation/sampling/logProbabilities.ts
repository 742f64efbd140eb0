import type { Tokenizer } from "../../tokenizer/tokenizer";
import { largest } from "./largest";

/** A token and the natural logarithm of its probability, before any processor, temperature or filter. */
export interface TokenLogProbability {
  readonly token: number;
  /** With U+FFFD for a part of a character; for a token of a text, what the text grew by. */
  readonly text: string;
  readonly logProbability: number;
}

/** A token of a text, with the likeliest tokens at its position. */
export interface ChosenToken extends TokenLogProbability {
  /** The likeliest first. */
  readonly alternatives: readonly TokenLogProbability[];
}

/** ln Σ exp(logits), with the maximum taken off so that nothing overflows. @param logits `[V]` */
export function logSumExp(logits: Float32Array): number {
  let most = -Infinity;
  for (const logit of logits) if (logit > most) most = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - most);
  return most + Math.log(sum);
}

/**
 * The probabilities of a chosen token and of the likeliest ones.
 * @param logits `[V]` as the model gave them
 * @param count how many alternatives to list
 */
export function describeChoice(
  logits: Float32Array,
  token: number,
  count: number,
  tokenizer: Pick<Tokenizer, "decode">,
): ChosenToken {
  const total = logSumExp(logits);
  const describe = (other: number) => {
    return { token: other, text: tokenizer.decode([other]), logProbability: (logits[other] ?? -Infinity) - total };
  };
  return { ...describe(token), alternatives: Array.from(largest(logits, count), describe) };
}
