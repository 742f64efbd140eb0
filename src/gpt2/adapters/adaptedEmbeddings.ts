import type { LoraAdapter, LowRankUpdate } from "./adapter";

/** What an adapter adds to the embedding tables, `[V, D]` and `[P, D]`. */
export interface EmbeddingUpdates {
  readonly token: LowRankUpdate | undefined;
  readonly position: LowRankUpdate | undefined;
}

export function embeddingUpdates({ updates }: LoraAdapter): EmbeddingUpdates {
  return { token: updates.get("wte.weight"), position: updates.get("wpe.weight") };
}

/**
 * Adds what an adapter adds to the embeddings of some tokens.
 * @param positionOf the position of the token at an index of `tokens`
 * @param out the sums of the embeddings, `[S, D]`
 */
export function addEmbeddingUpdates(
  { token, position }: EmbeddingUpdates,
  tokens: readonly number[],
  positionOf: (index: number) => number,
  out: Float32Array,
): void {
  const width = out.length / tokens.length;
  tokens.forEach((id, index) => {
    if (token) addRow(token, id, out, index * width);
    if (position) addRow(position, positionOf(index), out, index * width);
  });
}

/** Adds row `index` of leftᵀ·right. */
function addRow({ rank, left, right }: LowRankUpdate, index: number, out: Float32Array, offset: number): void {
  const rows = left.length / rank;
  const columns = right.length / rank;
  for (let r = 0; r < rank; r++) {
    const factor = left[r * rows + index] as number;
    for (let i = 0; i < columns; i++) {
      out[offset + i] = (out[offset + i] as number) + factor * (right[r * columns + i] as number);
    }
  }
}
