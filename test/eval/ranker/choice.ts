import { solve } from "./regression";

/** What there is to choose from at one place: features `[n]` of each, and whether it is right. */
export type Choice = readonly { readonly features: readonly number[]; readonly right: boolean }[];

/** Strength of the penalty on large weights, per place, for features of deviation 1. */
const penalty = 2e-3;
const iterations = 25;
/** No weight changes by more in one iteration: far from the optimum, Newton's steps are too long. */
const longestStep = 0.5;

/**
 * Weights under which the right one of each choice is most likely chosen, where the probability of each is the softmax of its weighted
 * features (a conditional logit model), by Newton's method. Choices without a right one say nothing.
 * @throws RangeError when none has one
 */
export function fitChoice(choices: readonly Choice[]): number[] {
  const useful = choices.filter((choice) => choice.some(({ right }) => right));
  const count = useful[0]?.[0]?.features.length;
  if (count === undefined) throw new RangeError("There is nothing to fit.");
  const deviations = Array.from({ length: count }, (_, i) =>
    deviation(useful.flat().map(({ features }) => features[i] ?? 0)),
  );
  const scaled = useful.map((choice) =>
    choice.map(({ features, right }) => ({ features: features.map((x, i) => x / (deviations[i] ?? 1)), right })),
  );
  let weights = new Array<number>(count).fill(0);
  for (let i = 0; i < iterations; i++) weights = newtonStep(scaled, weights);
  return weights.map((weight, i) => weight / (deviations[i] ?? 1));
}

function newtonStep(choices: readonly Choice[], weights: readonly number[]): number[] {
  const size = weights.length;
  const strength = penalty * choices.length;
  const gradient = weights.map((weight) => strength * weight);
  const hessian = weights.map((_, i) => weights.map((__, j) => (i === j ? strength : 0)));
  for (const choice of choices) {
    const rights = choice.filter(({ right }) => right);
    const expected = addMoments(choice, weights, hessian);
    const wanted = mean(
      rights.map(({ features }) => features),
      size,
    );
    for (let i = 0; i < size; i++) gradient[i] = (gradient[i] ?? 0) + (expected[i] ?? 0) - (wanted[i] ?? 0);
  }
  const step = solve(hessian, gradient);
  const scale = Math.min(1, longestStep / Math.max(...step.map(Math.abs)));
  return weights.map((weight, i) => weight - scale * (step[i] ?? 0));
}

/** Adds a choice's covariance to the Hessian. @returns the expected features */
function addMoments(choice: Choice, weights: readonly number[], hessian: number[][]): number[] {
  const sums = choice.map(({ features }) => features.reduce((sum, x, i) => sum + x * (weights[i] ?? 0), 0));
  const largest = Math.max(...sums);
  const masses = sums.map((sum) => Math.exp(sum - largest));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  const expected = weights.map((_, i) =>
    choice.reduce((sum, { features }, row) => sum + ((masses[row] ?? 0) / total) * (features[i] ?? 0), 0),
  );
  choice.forEach(({ features }, row) => {
    const share = (masses[row] ?? 0) / total;
    hessian.forEach((line, i) => {
      const centered = share * ((features[i] ?? 0) - (expected[i] ?? 0));
      for (let j = 0; j < line.length; j++)
        line[j] = (line[j] ?? 0) + centered * ((features[j] ?? 0) - (expected[j] ?? 0));
    });
  });
  return expected;
}

function mean(rows: readonly (readonly number[])[], size: number): number[] {
  return Array.from({ length: size }, (_, i) => rows.reduce((sum, row) => sum + (row[i] ?? 0), 0) / rows.length);
}

function deviation(values: readonly number[]): number {
  const center = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - center) ** 2, 0) / values.length;
  return Math.sqrt(variance) || 1;
}
