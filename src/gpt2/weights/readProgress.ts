import { changedWeights } from "./changedWeights";
import { elementCount, tensorShapes } from "./tensorShapes";
import type { Gpt2Weights } from "./weights";

/**
 * Weights that report how much of them has been read, from 0 to 1, at each new percent. Reading and preparing tensors is most of the time
 * that a model takes to open.
 * @param config of what is read here, where other layers are read elsewhere
 */
export function withReadProgress(
  weights: Gpt2Weights,
  onShare: (share: number) => void,
  config = weights.config,
): Gpt2Weights {
  const sizes = new Map(Array.from(tensorShapes(config), ([name, shape]) => [name, elementCount(shape)]));
  const total = Array.from(sizes.values()).reduce((sum, size) => sum + size, 0);
  let read = 0;
  let reported = 0;
  return changedWeights(weights, {
    read: async (name) => {
      const values = await weights.read(name);
      read += sizes.get(name) ?? 0;
      // Some tensors may be read twice.
      sizes.delete(name);
      const percent = Math.floor((100 * read) / total);
      if (percent > reported) {
        reported = percent;
        onShare(percent / 100);
      }
      return values;
    },
  });
}
