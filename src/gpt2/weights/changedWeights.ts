import type { Gpt2Weights } from "./weights";

/** Weights that are the same as others but for some changes. Disposing them disposes the others, unless the changes say otherwise. */
export function changedWeights(weights: Gpt2Weights, changes: Partial<Gpt2Weights>): Gpt2Weights {
  const { config, vocabulary, fingerprint, storage } = weights;
  return {
    ...{ config, fingerprint, storage },
    ...(vocabulary && { vocabulary }),
    read: (name) => weights.read(name),
    [Symbol.asyncDispose]: () => weights[Symbol.asyncDispose](),
    ...changes,
  };
}
