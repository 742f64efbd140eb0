/** e to this power is less than a float32 can add to 1. */
const negligible = -18;

/** The natural logarithm of the sum of e to the power of each logit `[V]`. */
export function logSumExp(logits: Float32Array): number {
  const largest = maximum(logits);
  const least = largest + negligible;
  let sum = 0;
  let i = 0;
  // Iterating a typed array by index is several times faster than by its iterator, and nearly all logits are negligible.
  for (; i < logits.length; i++) {
    const logit = logits[i] as number;
    if (logit > least) sum += Math.exp(logit - largest);
  }
  return largest + Math.log(sum);
}

function maximum(values: Float32Array): number {
  let [a, b, c, d] = [-Infinity, -Infinity, -Infinity, -Infinity];
  let i = 0;
  for (; i + 3 < values.length; i += 4) {
    a = Math.max(a, values[i] as number);
    b = Math.max(b, values[i + 1] as number);
    c = Math.max(c, values[i + 2] as number);
    d = Math.max(d, values[i + 3] as number);
  }
  for (; i < values.length; i++) a = Math.max(a, values[i] as number);
  return Math.max(a, b, c, d);
}

/** As {@link logSumExp}, over some of the tokens; -Infinity when none of them is possible. */
export function logSumExpOf(logits: Float32Array, tokens: readonly number[]): number {
  const values = tokens.map((token) => logits[token] ?? -Infinity);
  const largest = values.reduce((max, value) => Math.max(max, value), -Infinity);
  if (largest === -Infinity) return -Infinity;
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}
