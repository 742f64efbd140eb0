import { changedWeights } from "./changedWeights";
import type { Gpt2Weights } from "./weights";

/** Weights that let other work run before each tensor is read. What `pause` throws ends the reading. */
export function withPauses(weights: Gpt2Weights, pause: () => Promise<void>): Gpt2Weights {
  return changedWeights(weights, {
    read: async (name) => {
      await pause();
      return weights.read(name);
    },
  });
}
