import { type Distribution, keep } from "../distribution";
import type { FilterFactory } from "./processor";

/** Keeps the tokens whose surprise is nearest to the expected one, until they reach `typicalP` (Meister et al. 2022). */
export const typical: FilterFactory = ({ typicalP: mass = 1 }) => {
  return mass >= 1 ? undefined : (distribution) => keep(distribution, mostTypical(distribution, mass));
};

function mostTypical({ probabilities }: Distribution, mass: number): number[] {
  const entropy = probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
  const distances = probabilities.map((p) => Math.abs(-Math.log(p) - entropy));
  const order: number[] = [];
  for (let i = 0; i < probabilities.length; i++) if ((probabilities[i] as number) > 0) order.push(i);
  order.sort((a, b) => (distances[a] as number) - (distances[b] as number) || a - b);
  let reached = 0;
  let kept = 0;
  while (kept < order.length && (kept === 0 || reached < mass))
    reached += probabilities[order[kept++] as number] as number;
  return order.slice(0, kept);
}
