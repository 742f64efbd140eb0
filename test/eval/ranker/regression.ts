import type { RankerCoefficients } from "../../../src/completion/core/ranking/coefficients";

/** Features `[n]` of a line, and whether it is right. */
export interface Sample {
  readonly features: readonly number[];
  readonly right: boolean;
}

/** Strength of the penalty on large weights, per sample. */
const penalty = 2e-3;
const iterations = 40;

/** Logistic regression with an L2 penalty over standardized features, by Newton's method. @throws RangeError without samples */
export function fitLogistic(samples: readonly Sample[]): RankerCoefficients {
  const count = samples[0]?.features.length;
  if (count === undefined) throw new RangeError("There is nothing to fit.");
  const column = (i: number) => samples.map(({ features }) => features[i] ?? 0);
  const means = Array.from({ length: count }, (_, i) => mean(column(i)));
  const deviations = means.map((center, i) => Math.sqrt(mean(column(i).map((x) => (x - center) ** 2))) || 1);
  const rows = samples.map(({ features }) => [
    1,
    ...features.map((x, i) => (x - (means[i] ?? 0)) / (deviations[i] ?? 1)),
  ]);
  let weights = new Array<number>(count + 1).fill(0);
  for (let i = 0; i < iterations; i++) weights = newtonStep(rows, samples, weights);
  const [intercept = 0, ...others] = weights;
  return { intercept, means, deviations, weights: others };
}

function newtonStep(rows: readonly number[][], samples: readonly Sample[], weights: readonly number[]): number[] {
  const size = weights.length;
  // The intercept is not penalized.
  const gradient = weights.map((weight, i) => (i === 0 ? 0 : penalty * samples.length * weight));
  const hessian = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => (i === j ? (i === 0 ? 1e-9 : penalty * samples.length) : 0)),
  );
  rows.forEach((row, index) => {
    const p = 1 / (1 + Math.exp(-row.reduce((sum, x, i) => sum + x * (weights[i] ?? 0), 0)));
    const error = p - (samples[index]?.right ? 1 : 0);
    for (let i = 0; i < size; i++) {
      gradient[i] = (gradient[i] ?? 0) + error * (row[i] ?? 0);
      const line = hessian[i] ?? [];
      for (let j = 0; j < size; j++) line[j] = (line[j] ?? 0) + p * (1 - p) * (row[i] ?? 0) * (row[j] ?? 0);
    }
  });
  const step = solve(hessian, gradient);
  return weights.map((weight, i) => weight - (step[i] ?? 0));
}

/** Solves a·x = b by Gaussian elimination with pivoting. */
export function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i] ?? 0]);
  const size = rows.length;
  for (let i = 0; i < size; i++) {
    const pivot = rows.reduce((best, row, r) => {
      return r >= i && Math.abs(row[i] ?? 0) > Math.abs(rows[best]?.[i] ?? 0) ? r : best;
    }, i);
    const [top, swapped] = [rows[i] ?? [], rows[pivot] ?? []];
    rows[i] = swapped;
    rows[pivot] = top;
    for (const [r, row] of rows.entries()) {
      if (r === i) continue;
      const factor = (row[i] ?? 0) / (swapped[i] ?? 1);
      for (let j = i; j <= size; j++) row[j] = (row[j] ?? 0) - factor * (swapped[j] ?? 0);
    }
  }
  return rows.map((row, i) => (row[size] ?? 0) / (row[i] ?? 1));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
