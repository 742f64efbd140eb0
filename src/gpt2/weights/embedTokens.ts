import type { Embeddings } from "./preparedWeights";

/**
 * Writes the sums of token and position embeddings, `[S, D]`.
 * @param positionOf the position of the token at an index of `tokens`
 * @param out S·D numbers, which are overwritten
 */
export function embedTokens(
  { token, position }: Embeddings,
  tokens: readonly number[],
  positionOf: (index: number) => number,
  out: Float32Array,
): void {
  const width = out.length / tokens.length;
  out.fill(0);
  tokens.forEach((id, index) => {
    token.addRow(id, out, index * width);
    position.addRow(positionOf(index), out, index * width);
  });
}
