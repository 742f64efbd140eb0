import type { SamplingOptions } from "../request";
import { largest } from "./largest";

/** The tokens that may be drawn, each with its probability; the probabilities add up to 1. */
export interface Distribution {
  readonly tokens: Int32Array;
  readonly probabilities: Float64Array;
}

/**
 * Temperature, softmax, top-k, and top-p over the mass of what top-k left: the order of GPT2.md and of most samplers.
 * @param logits `[V]`; a token with -Infinity is never drawn.
 */
export function distribution(logits: Float32Array, options: Omit<SamplingOptions, "seed">): Distribution {
  const all = options.topK <= 0 || options.topK >= logits.length;
  const tokens = all ? everyToken(logits.length) : largest(logits, options.topK);
  const filtered = { tokens, probabilities: softmax(logits, tokens, options.temperature) };
  return options.topP >= 1 ? filtered : nucleus(filtered, options.topP);
}

/** The ids from 0 on. An iterator takes ten times as long, as much as all the rest of a draw. */
export function everyToken(count: number): Int32Array {
  const tokens = new Int32Array(count);
  for (let token = 0; token < count; token++) tokens[token] = token;
  return tokens;
}

/** softmax(logits / temperature) of the chosen tokens, in float64, with the maximum taken off so that nothing overflows. */
export function softmax(logits: Float32Array, tokens: Int32Array, temperature: number): Float64Array {
  let max = -Infinity;
  for (const token of tokens) max = Math.max(max, logits[token] as number);
  const weights = new Float64Array(tokens.length);
  for (let i = 0; i < tokens.length; i++) {
    weights[i] = Math.exp(((logits[tokens[i] as number] as number) - max) / temperature);
  }
  return normalise(weights);
}

/** The fewest tokens that together reach `topP`, at least one (Holtzman et al. 2019, "nucleus sampling"). */
function nucleus({ tokens, probabilities }: Distribution, topP: number): Distribution {
  // Tokens below this share are out whatever their order: all of them together are less than 1 - topP. That leaves few to sort.
  const negligible = (1 - topP) / tokens.length;
  const order: number[] = [];
  for (let i = 0; i < tokens.length; i++) if ((probabilities[i] as number) >= negligible) order.push(i);
  order.sort((a, b) => (probabilities[b] as number) - (probabilities[a] as number) || a - b);
  let mass = 0;
  let kept = 0;
  while (kept < order.length && (kept === 0 || mass < topP)) mass += probabilities[order[kept++] as number] as number;
  const chosen = order.slice(0, kept);
  return {
    tokens: Int32Array.from(chosen, (i) => tokens[i] as number),
    probabilities: normalise(Float64Array.from(chosen, (i) => probabilities[i] as number)),
  };
}

function normalise(weights: Float64Array): Float64Array {
  let sum = 0;
  for (const weight of weights) sum += weight;
  for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] as number) / sum;
  return weights;
}

/** The token at the point `u` in [0, 1) of the cumulative distribution. */
export function draw({ tokens, probabilities }: Distribution, u: number): number {
  let mass = 0;
  for (let i = 0; i < tokens.length; i++) {
    mass += probabilities[i] as number;
    if (u < mass) return tokens[i] as number;
  }
  // Rounding can leave the sum a little below 1: then it is the last token that has any probability.
  const last = probabilities.findLastIndex((probability) => probability > 0);
  return tokens[Math.max(last, 0)] ?? 0;
}
