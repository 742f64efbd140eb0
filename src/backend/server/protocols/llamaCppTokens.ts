import type { NextToken } from "./protocol";
import { fieldsOf, listOf, numberOf, textOf } from "./values";

/** The alternatives of a token in `completion_probabilities`, the likeliest first. */
export function alternativesOf(token: unknown): NextToken[] {
  return listOf(fieldsOf(token)["top_logprobs"])
    .map(fieldsOf)
    .map(({ id, token: text, logprob }) => ({
      token: numberOf(id) ?? -1,
      text: textOf(text),
      logProbability: numberOf(logprob) ?? -Infinity,
    }));
}
