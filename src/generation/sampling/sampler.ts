import { type Distribution, drawIndex } from "./distribution";
import { checkLogits } from "./finite";
import { argmax } from "./largest";
import type { MirostatOptions, SamplingOptions } from "./options";
import { atMostSurprising, initialLimit, nextLimit } from "./processors/mirostat";
import type { VocabularyView } from "./processors/processor";
import { distribution, filtersFor, processorsFor } from "./processors/registry";
import { type Random, seededRandom } from "./random";
import { threefryRandom } from "./threefry";

/** Chooses the next token from the logits `[V]` of one position. May change the logits. @throws LogitsError */
export type Sampler = (logits: Float32Array) => number;

/** Temperatures below this take the likeliest token. */
export const greedyBelow = 1e-6;

/** What comes before the text that is sampled. */
export interface SampledText {
  readonly prompt: readonly number[];
  /** Tokens of the text that were generated before. */
  readonly written?: readonly number[];
  readonly vocabulary: VocabularyView;
}

const nothingBefore: SampledText = { prompt: [], vocabulary: { vocabSize: 0, bytes: () => new Uint8Array(0) } };

/**
 * Creates the sampler for one text, to be called once for each of its tokens. It draws one number per token, so the same seed and the same logits
 * give the same text.
 */
export function sampler(options: SamplingOptions, text: SampledText = nothingBefore): Sampler {
  const processors = processorsFor(options, text.vocabulary);
  const choose = options.temperature < greedyBelow ? greedySampler() : drawing(options);
  if (processors.length === 0) return choose;
  const tokens = [...text.prompt, ...(text.written ?? [])];
  const history = { tokens, promptLength: text.prompt.length };
  return (logits) => {
    for (const process of processors) process(logits, history);
    const token = choose(logits);
    tokens.push(token);
    return token;
  };
}

/**
 * How many of the largest logits, as the model gives them, all tokens are chosen from.
 * @returns undefined where other logits matter, too
 */
export function likeliestCount(options: SamplingOptions): number | undefined {
  // Whether there are any does not depend on the vocabulary, which one of them reads as a whole.
  if (processorsFor(options, nothingBefore.vocabulary).length > 0) return undefined;
  if (options.temperature < greedyBelow) return 1;
  return options.topK > 0 ? options.topK : undefined;
}

/**
 * Takes the largest logit. All logits are checked for the first token only, which finds damaged weights of single tokens: what goes wrong
 * inside the model later makes all logits NaN, and that shows in the one that is taken.
 */
function greedySampler(): Sampler {
  let checked = false;
  return (logits) => {
    if (!checked) checkLogits(logits);
    checked = true;
    const token = argmax(logits);
    if (!Number.isFinite(logits[token])) checkLogits(logits);
    return token;
  };
}

function drawing(options: SamplingOptions): Sampler {
  const random = randomFor(options);
  const filters = filtersFor(options);
  const pick = options.mirostat ? mirostat(options.mirostat) : draw;
  return (logits) => {
    checkLogits(logits);
    return pick(distribution(logits, options, filters), random());
  };
}

function randomFor({ seed, randomStream }: SamplingOptions): Random {
  return randomStream ? threefryRandom(seed, randomStream) : seededRandom(seed);
}

/** The token at the point `u` in [0, 1) of the cumulative distribution. */
export function draw(distribution: Distribution, u: number): number {
  return distribution.tokens[drawIndex(distribution, u)] ?? 0;
}

function mirostat(options: MirostatOptions): (distribution: Distribution, u: number) => number {
  let limit = initialLimit(options);
  return (distribution, u) => {
    const left = atMostSurprising(distribution, limit);
    const index = drawIndex(left, u);
    limit = nextLimit(limit, left.probabilities[index] ?? 1, options);
    return left.tokens[index] ?? 0;
  };
}
