import type { TokenPrediction } from "./requests";

/** Numbers per token: surprisal, entropy, rank. */
const fields = 3;

/**
 * How well the model predicted the tokens of a prompt. It stores plain numbers, because of a bug in V8 13.6 (Node 24.21): if a loop over
 * all logits ends by creating an object of numbers, objects created one after the other sometimes share their values.
 */
export class PredictionTable {
  readonly #numbers: Float64Array;

  /** @param contextLength the most tokens that a prompt can have */
  constructor(contextLength: number) {
    this.#numbers = new Float64Array(fields * contextLength);
  }

  /** Computes how well a model predicted the token at a position. @param logits `[V]` after the tokens before it */
  set(position: number, logits: Float32Array, token: number): void {
    const own = logits[token] ?? -Infinity;
    let largest = -Infinity;
    for (const logit of logits) if (logit > largest) largest = logit;
    let rank = 1;
    let sum = 0;
    let weighted = 0;
    for (let other = 0; other < logits.length; other++) {
      const logit = logits[other] as number;
      if (logit > own || (logit === own && other < token)) rank++;
      const power = Math.exp(logit - largest);
      sum += power;
      // A logit of -Infinity would make it NaN.
      if (power > 0) weighted += power * (logit - largest);
    }
    // p = exp(logit − largest) / sum, so −ln p = ln sum − (logit − largest), and the entropy is the mean of that.
    const surprisal = (Math.log(sum) - (own - largest)) / Math.LN2;
    const entropy = (Math.log(sum) - weighted / sum) / Math.LN2;
    this.#numbers.set([surprisal, entropy, rank], fields * position);
  }

  at(position: number): TokenPrediction {
    const [surprisal = 0, entropy = 0, rank = 0] = this.#numbers.subarray(fields * position, fields * (position + 1));
    return { surprisal, entropy, rank };
  }
}
