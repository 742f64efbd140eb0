import { indicesWhere, keep, largestOf } from "../distribution";
import type { FilterFactory } from "./processor";

/** Keeps the tokens that are more than `minP` times as probable as the likeliest one, and that one. */
export const minP: FilterFactory = ({ minP: share = 0 }) => {
  if (share <= 0) return undefined;
  return (distribution) => {
    const { probabilities } = distribution;
    const most = largestOf(probabilities);
    const limit = share * most;
    return keep(
      distribution,
      indicesWhere(probabilities, (probability) => probability > limit || probability === most),
    );
  };
};
