import type { StepCosts } from "../costs";
import type { Drafter } from "../drafter";
import { bestDraftLength, maxDraftLength } from "../length";
import type { AcceptanceEstimator } from "./acceptanceEstimator";
import { BigramIndex } from "./bigramIndex";
import { extendMatches, matchesIn, type Prediction, strongestMatches, vote } from "./ngramMatches";

type Tokens = readonly number[];

/** A token that may be drafted. */
interface PredictedToken extends Prediction {
  /** How likely it is accepted if those before it are. */
  readonly probability: number;
}

/** By what factor a draft must beat the present throughput: probabilities are estimates, and rejected drafts delay other requests. */
const safetyFactor = 1.2;
/** Predictions stop when they are reached less likely than this share of what is worth drafting: beyond that they are not even recorded. */
const minWorthPredicting = 0.5;

/**
 * Prompt lookup decoding (Saxena 2023): code repeats itself, so what followed earlier occurrences of the last few tokens, in the prompt or
 * in another text, is a good draft of what follows now. All occurrences vote on each token. How often such votes were right, and what
 * verifying a token costs, decide how long the draft is.
 */
export class PromptLookup implements Drafter {
  readonly #estimator: AcceptanceEstimator;
  readonly #costs: StepCosts;
  readonly #texts: readonly BigramIndex[];
  readonly #sequence = new BigramIndex();
  #predicted: readonly PredictedToken[] = [];
  #cost = 1;

  /** @param texts to look into besides the sequence itself */
  constructor(estimator: AcceptanceEstimator, costs: StepCosts, texts: readonly BigramIndex[]) {
    this.#estimator = estimator;
    this.#costs = costs;
    this.#texts = texts;
  }

  propose(sequence: Tokens, limit: number): Tokens {
    const throughput = safetyFactor * this.#estimator.throughput;
    const leastReached = minWorthPredicting * throughput * (this.#costs.of(1) - 1);
    this.#predicted = this.#predict(sequence, leastReached);
    const probabilities = this.#predicted.map(({ probability }) => probability);
    const best = bestDraftLength(probabilities, (drafted) => this.#costs.of(drafted), throughput);
    const length = Math.min(best, limit);
    this.#cost = this.#costs.of(length);
    return this.#predicted.slice(0, length).map(({ token }) => token);
  }

  record(chosen: Tokens, cost = this.#cost): void {
    for (const [i, token] of chosen.entries()) {
      const predicted = this.#predicted[i];
      if (!predicted) break;
      this.#estimator.record(predicted, predicted.token === token);
      if (predicted.token !== token) break;
    }
    this.#estimator.recordStep(chosen.length, cost);
  }

  /** Predicts token after token for as long as it is likely enough that all of them are accepted. */
  #predict(sequence: Tokens, leastReached: number): PredictedToken[] {
    const predicted: PredictedToken[] = [];
    // Predicted tokens are appended, so that a match near the end of the sequence can continue into them.
    const extended = [...sequence];
    this.#sequence.update(sequence);
    const found = matchesIn(this.#sequence, extended, sequence);
    for (const text of this.#texts) found.push(...matchesIn(text, text.tokens, sequence));
    let matches = strongestMatches(found);
    let reached = 1;
    while (predicted.length < maxDraftLength && reached >= leastReached) {
      const prediction = vote(matches);
      if (!prediction) break;
      const probability = this.#estimator.probability(prediction);
      reached *= probability;
      predicted.push({ ...prediction, probability });
      extended.push(prediction.token);
      matches = extendMatches(matches, prediction.token);
    }
    return predicted;
  }
}
