/** e to this power is less than a float32 can add to 1. */
const negligible = -18;

/** The natural logarithm of the sum of e to the power of each logit `[V]`. */
export function logSumExp(logits: Float32Array): number {
  let largest = -Infinity;
  for (const logit of logits) if (logit > largest) largest = logit;
  let sum = 0;
  for (const logit of logits) if (logit - largest > negligible) sum += Math.exp(logit - largest);
  return largest + Math.log(sum);
}

/** As {@link logSumExp}, over some of the tokens; -Infinity when none of them is possible. */
export function logSumExpOf(logits: Float32Array, tokens: readonly number[]): number {
  const values = tokens.map((token) => logits[token] ?? -Infinity);
  const largest = values.reduce((max, value) => Math.max(max, value), -Infinity);
  if (largest === -Infinity) return -Infinity;
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}
