import { floatToHalf, halfTable } from "../../formats/numbers/floats";
import { changedWeights } from "./changedWeights";
import type { Gpt2Weights } from "./weights";

/** Weights rounded to half precision as they are read. They are computed with as 32-bit floats, or quantized from there. */
export function roundedToHalf(weights: Gpt2Weights): Gpt2Weights {
  return changedWeights(weights, {
    fingerprint: `${weights.fingerprint} rounded to F16`,
    storage: `${weights.storage}, rounded to F16`,
    read: async (name) => {
      const table = halfTable();
      return (await weights.read(name)).map((value) => table[floatToHalf(value)] ?? NaN);
    },
  });
}
