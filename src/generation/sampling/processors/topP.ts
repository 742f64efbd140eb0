import { type Distribution, keep } from "../distribution";
import type { FilterFactory } from "./processor";

/** Keeps the fewest tokens that together reach `topP`, at least one (Holtzman et al. 2019, "nucleus sampling"). */
export const topP: FilterFactory = ({ topP: mass }) => {
  return mass >= 1 ? undefined : (distribution) => keep(distribution, likeliestUpTo(distribution, mass));
};

function likeliestUpTo({ probabilities }: Distribution, mass: number): number[] {
  // Tokens below this share are out whatever their order: all of them together are less than 1 - mass. That leaves few to sort.
  const negligible = (1 - mass) / probabilities.length;
  const order: number[] = [];
  for (let i = 0; i < probabilities.length; i++) if ((probabilities[i] as number) >= negligible) order.push(i);
  order.sort((a, b) => (probabilities[b] as number) - (probabilities[a] as number) || a - b);
  let reached = 0;
  let kept = 0;
  while (kept < order.length && (kept === 0 || reached < mass))
    reached += probabilities[order[kept++] as number] as number;
  return order.slice(0, kept);
}
