import { seededRandom } from "../../src/generation/sampling/random";
import { percentile } from "./metrics";

/** A file's part in a ratio of sums: 3 places found of 5, 8000 bits for 6000 characters. */
export interface Part {
  readonly numerator: number;
  readonly denominator: number;
}

/** The ratio of the sums; not a number when there is nothing. */
export function ratio(parts: readonly Part[]): number {
  let numerator = 0;
  let denominator = 0;
  for (const part of parts) {
    numerator += part.numerator;
    denominator += part.denominator;
  }
  return numerator / denominator;
}

/**
 * The 95 % interval of a ratio by bootstrap: the 2.5th and 97.5th percentile over samples of the parts, drawn with replacement.
 * A part is a whole file, for the places within one are no independent trials.
 */
export function bootstrapInterval(
  parts: readonly Part[],
  { samples = 1000, seed = 1 } = {},
): readonly [low: number, high: number] {
  const random = seededRandom(seed);
  const ratios = Array.from({ length: samples }, () =>
    ratio(parts.map((part) => parts[Math.floor(random() * parts.length)] ?? part)),
  );
  return [percentile(ratios, 0.025), percentile(ratios, 0.975)];
}
