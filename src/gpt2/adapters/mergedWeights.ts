import { changedWeights } from "../weights/changedWeights";
import type { Gpt2Weights } from "../weights/weights";
import { addUpdate, type LoraAdapter } from "./adapter";

/**
 * Weights with an adapter added to them as they are read. A tied model becomes an untied one where the adapter changes its embedding or its
 * head, since it changes only one of them.
 */
export function mergedWeights(weights: Gpt2Weights, { name, updates, fingerprint }: LoraAdapter): Gpt2Weights {
  const unties = weights.config.tiedHead && ["wte.weight", "lm_head.weight"].some((table) => updates.has(table));
  const config = unties ? { ...weights.config, tiedHead: false } : weights.config;
  return changedWeights(weights, {
    config,
    fingerprint: `${weights.fingerprint} with the adapter ${fingerprint}`,
    storage: `${weights.storage}, adapter ${name}`,
    read: async (tensor) => {
      const values = await weights.read(unties && tensor === "lm_head.weight" ? "wte.weight" : tensor);
      const update = updates.get(tensor);
      if (update !== undefined) addUpdate(values, update);
      return values;
    },
  });
}
