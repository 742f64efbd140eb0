import type { Cursor } from "./cursor";
import type { CompletionEngine } from "./engine";
import { postprocess, type Suggestion } from "./postprocess/index";
import { modelText } from "./postprocess/modelText";
import { requestAt } from "./request";
import type { CompletionSettings } from "./settings";

/** Texts that are drawn, with fixed seeds: the same place gets the same alternatives. */
const seeds = [1, 2, 3, 4];
/** Lower temperatures mostly give what the likeliest tokens give. */
const leastTemperature = 0.8;
/** Milliseconds after which only the texts that are done by then are shown. */
const patience = 1500;

/** Suggestions that the model draws at a cursor, besides the likeliest. @param signal ends the drawing */
export async function sampleAlternatives(
  engine: CompletionEngine,
  cursor: Cursor,
  settings: CompletionSettings,
  signal: AbortSignal,
): Promise<Suggestion[]> {
  const { fillInTheMiddle } = await engine.describe();
  const { sampling, ...request } = requestAt(cursor, settings, fillInTheMiddle);
  const temperature = Math.max(sampling.temperature, leastTemperature);
  const samplings = seeds.map((seed) => ({ ...sampling, temperature, seed }));
  const texts = await engine.alternatives(
    { ...request, samplings },
    { signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]) },
  );
  return texts.flatMap(({ text, finish }) => {
    const suggestion = finish === "cancelled" ? undefined : postprocess(modelText({ text, finish }, cursor), cursor);
    return suggestion ? [suggestion] : [];
  });
}

/** The suggestions without those that say the same as one before. */
export function distinct(suggestions: readonly Suggestion[]): Suggestion[] {
  return [
    ...new Map(suggestions.toReversed().map((suggestion) => [suggestion.text, suggestion])).values(),
  ].toReversed();
}
