/** The tokens that may be drawn, each with its probability; the probabilities add up to 1. */
export interface Distribution {
  readonly tokens: Int32Array;
  readonly probabilities: Float64Array;
}

/** The ids from 0 on. An iterator takes ten times as long, as much as all the rest of a draw. */
export function everyToken(count: number): Int32Array {
  const tokens = new Int32Array(count);
  for (let token = 0; token < count; token++) tokens[token] = token;
  return tokens;
}

/** softmax(logits / temperature) of the chosen tokens, in float64, with the maximum taken off so that nothing overflows. */
export function softmax(logits: Float32Array, tokens: Int32Array, temperature: number): Float64Array {
  let max = -Infinity;
  for (const token of tokens) max = Math.max(max, logits[token] as number);
  const weights = new Float64Array(tokens.length);
  for (let i = 0; i < tokens.length; i++) {
    weights[i] = Math.exp(((logits[tokens[i] as number] as number) - max) / temperature);
  }
  return normalize(weights);
}

/** A part of a distribution, by the indices of its tokens, scaled so that its probabilities add up to 1. */
export function keep({ tokens, probabilities }: Distribution, indices: readonly number[]): Distribution {
  return {
    tokens: Int32Array.from(indices, (i) => tokens[i] as number),
    probabilities: normalize(Float64Array.from(indices, (i) => probabilities[i] as number)),
  };
}

/** The indices of the probabilities for which a condition holds, in their order. */
export function indicesWhere(probabilities: Float64Array, holds: (probability: number) => boolean): number[] {
  const indices: number[] = [];
  for (let i = 0; i < probabilities.length; i++) if (holds(probabilities[i] as number)) indices.push(i);
  return indices;
}

/** The largest probability. */
export function largestOf(probabilities: Float64Array): number {
  let most = 0;
  for (const probability of probabilities) if (probability > most) most = probability;
  return most;
}

function normalize(weights: Float64Array): Float64Array {
  let sum = 0;
  for (const weight of weights) sum += weight;
  for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] as number) / sum;
  return weights;
}

/** The index of the token at the point `u` in [0, 1) of the cumulative distribution. */
export function drawIndex({ probabilities }: Distribution, u: number): number {
  let mass = 0;
  for (let i = 0; i < probabilities.length; i++) {
    mass += probabilities[i] as number;
    if (u < mass) return i;
  }
  // Rounding can leave the sum a little below 1: then it is the last token that has any probability.
  return Math.max(
    probabilities.findLastIndex((probability) => probability > 0),
    0,
  );
}
