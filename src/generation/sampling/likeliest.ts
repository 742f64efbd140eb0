import { argmax } from "./largest";

/** Logits so far below the largest one add nothing that counts to the sum of the softmax. */
const negligible = 16;

/** The likeliest token and its probability at temperature 1. @param logits `[V]` */
export function likeliest(logits: Float32Array): { token: number; probability: number } {
  const token = argmax(logits);
  const most = logits[token] ?? 0;
  let sum = 0;
  for (const logit of logits) {
    const below = logit - most;
    if (below > -negligible) sum += Math.exp(below);
  }
  return { token, probability: 1 / sum };
}
