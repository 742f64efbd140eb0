/** e to this is less than a float32 can add to 1. */
const negligible = -18;

/** The natural logarithm of the sum of e to each logit `[V]`. */
export function logSumExp(logits: Float32Array): number {
  let largest = -Infinity;
  for (let i = 0; i < logits.length; i++) if ((logits[i] as number) > largest) largest = logits[i] as number;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const below = (logits[i] as number) - largest;
    if (below > negligible) sum += Math.exp(below);
  }
  return largest + Math.log(sum);
}

/** As {@link logSumExp}, over some of the tokens. */
export function logSumExpOf(logits: Float32Array, tokens: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < tokens.length; i++) largest = Math.max(largest, logits[tokens[i] as number] ?? -Infinity);
  if (largest === -Infinity) return -Infinity;
  let sum = 0;
  for (let i = 0; i < tokens.length; i++) sum += Math.exp((logits[tokens[i] as number] ?? -Infinity) - largest);
  return largest + Math.log(sum);
}
