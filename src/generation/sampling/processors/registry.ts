import { type Distribution, everyToken, softmax } from "../distribution";
import { largest } from "../largest";
import type { SamplingOptions } from "../options";
import { dry } from "./dry";
import { frequencyPresence } from "./frequencyPresence";
import { logitBias } from "./logitBias";
import { minP } from "./minP";
import type { FilterFactory, LogitsProcessor, ProbabilityFilter, ProcessorFactory, VocabularyView } from "./processor";
import { repetition } from "./repetition";
import { tokenMask } from "./tokenMask";
import { topP } from "./topP";
import { typical } from "./typical";

/** The processors in the order in which they are applied, which is that of mistral.rs. */
const processors: readonly ProcessorFactory[] = [dry, frequencyPresence, repetition, logitBias, tokenMask];

/** The filters, after temperature, top-k and softmax. */
const filters: readonly FilterFactory[] = [topP, minP, typical];

/** The processors that the options turn on. */
export function processorsFor(options: SamplingOptions, vocabulary: VocabularyView): readonly LogitsProcessor[] {
  return processors.map((create) => create(options, vocabulary)).filter((processor) => processor !== undefined);
}

/** The filters that the options turn on. */
export function filtersFor(options: Omit<SamplingOptions, "seed">): readonly ProbabilityFilter[] {
  return filters.map((create) => create(options)).filter((filter) => filter !== undefined);
}

/**
 * Temperature, top-k, softmax, then the filters.
 * @param logits `[V]`; a token with -Infinity is never drawn.
 */
export function distribution(
  logits: Float32Array,
  { temperature, topK }: Pick<SamplingOptions, "temperature" | "topK">,
  filters: readonly ProbabilityFilter[],
): Distribution {
  const all = topK <= 0 || topK >= logits.length;
  const tokens = all ? everyToken(logits.length) : largest(logits, topK);
  let result: Distribution = { tokens, probabilities: softmax(logits, tokens, temperature) };
  for (const filter of filters) result = filter(result);
  return result;
}
