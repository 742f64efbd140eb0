/**
 * Pearson's chi-squared statistic of consecutive pairs of tokens against independent draws.
 * @param tokens ids below 3
 * @param probabilities of the three tokens
 * @returns with 8 degrees of freedom, independent draws exceed {@link pairsCritical} once in a thousand times
 */
export function chiSquaredOfPairs(tokens: readonly number[], probabilities: readonly number[]): number {
  const pairs = Math.floor(tokens.length / 2);
  const counts = new Float64Array(9);
  for (let i = 0; i < pairs; i++) {
    const pair = 3 * (tokens[2 * i] ?? 0) + (tokens[2 * i + 1] ?? 0);
    counts[pair] = (counts[pair] ?? 0) + 1;
  }
  return counts.reduce((sum, count, pair) => {
    const expected = pairs * (probabilities[Math.floor(pair / 3)] ?? 0) * (probabilities[pair % 3] ?? 0);
    return sum + (count - expected) ** 2 / expected;
  }, 0);
}

export const pairsCritical = 26.1;
