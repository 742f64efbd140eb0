import type { SamplingOptions } from "../request";
import { distribution, draw } from "./distribution";
import { argmax } from "./largest";
import { seededRandom } from "./random";

/** Chooses the next token from the logits `[V]` of one position. */
export type Sampler = (logits: Float32Array) => number;

/** Temperatures below this take the likeliest token. */
export const greedyBelow = 1e-6;

/** Creates the sampler for one text. It draws one number per token, so the same seed and the same logits give the same text. */
export function sampler(options: SamplingOptions): Sampler {
  if (options.temperature < greedyBelow) return argmax;
  const random = seededRandom(options.seed);
  return (logits) => draw(distribution(logits, options), random());
}
