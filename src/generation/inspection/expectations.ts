import type { Expectation } from "./requests";

/** Numbers that are kept of a token: surprise, entropy, rank. */
const fields = 3;

/**
 * How the model took the tokens of a prompt. Kept as plain numbers: V8 13.6 (Node 24.21) compiles a loop over all logits that ends in
 * an object of numbers so that, now and then, objects made one after the other share their fractions.
 */
export class Expectations {
  readonly #numbers: Float64Array;

  /** @param contextLength tokens that a prompt has at most */
  constructor(contextLength: number) {
    this.#numbers = new Float64Array(fields * contextLength);
  }

  /** Computes how a model that gave these logits `[V]` takes a token at a position. */
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
    const surprise = (Math.log(sum) - (own - largest)) / Math.LN2;
    const entropy = (Math.log(sum) - weighted / sum) / Math.LN2;
    this.#numbers.set([surprise, entropy, rank], fields * position);
  }

  at(position: number): Expectation {
    const [surprise = 0, entropy = 0, rank = 0] = this.#numbers.subarray(fields * position, fields * (position + 1));
    return { surprise, entropy, rank };
  }
}
