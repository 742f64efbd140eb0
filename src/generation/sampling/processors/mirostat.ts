import { type Distribution, indicesWhere, keep, largestOf } from "../distribution";
import type { MirostatOptions } from "../options";

/** Mirostat v2 (Basu et al. 2021): tokens more surprising than a limit are left out, and the limit follows the surprise of what is drawn. */
export function initialLimit({ tau }: MirostatOptions): number {
  return 2 * tau;
}

/** Leaves the tokens whose surprise is at most `limit` bits, and the likeliest one in any case. */
export function atMostSurprising(distribution: Distribution, limit: number): Distribution {
  const { probabilities } = distribution;
  const most = largestOf(probabilities);
  return keep(
    distribution,
    indicesWhere(probabilities, (probability) => -Math.log2(probability) <= limit || probability === most),
  );
}

/** The limit, in bits, after a token was drawn that had this probability among those that were left. */
export function nextLimit(limit: number, probability: number, { tau, eta }: MirostatOptions): number {
  return limit - eta * (-Math.log2(probability) - tau);
}
