import type { Cursor } from "./cursor";
import { capabilitiesOf, type GhostTextBackend } from "../../backend/backend";
import { postprocess, type Suggestion } from "./postprocess/index";
import { modelText } from "./postprocess/modelText";
import { requestAt } from "./request";
import type { CompletionSettings } from "./settings";

/** One text per seed. They are fixed, so the same cursor gets the same alternatives. */
const seeds = [1, 2, 3, 4];
/** Lower temperatures mostly repeat the greedy text. */
const minTemperature = 0.8;
/** Milliseconds after which only finished texts are shown. */
const timeoutMs = 1500;

/** Sampled suggestions at a cursor, in addition to the likeliest one; none where the backend has no alternatives. */
export async function sampleAlternatives(
  backend: GhostTextBackend,
  cursor: Cursor,
  settings: CompletionSettings,
  signal: AbortSignal,
): Promise<Suggestion[]> {
  if (!capabilitiesOf(backend.state)?.alternatives) return [];
  const { sampling, ...request } = requestAt(cursor, settings);
  const temperature = Math.max(sampling.temperature, minTemperature);
  const samplings = seeds.map((seed) => ({ ...sampling, temperature, seed }));
  const texts = await backend.alternatives(
    { ...request, samplings },
    { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) },
  );
  return texts.flatMap(({ text, finish }) => {
    const suggestion = finish === "cancelled" ? undefined : postprocess(modelText({ text, finish }, cursor), cursor);
    return suggestion ? [suggestion] : [];
  });
}

/** The suggestions without duplicates; the first of each text stays. */
export function distinct(suggestions: readonly Suggestion[]): Suggestion[] {
  return [
    ...new Map(suggestions.toReversed().map((suggestion) => [suggestion.text, suggestion])).values(),
  ].toReversed();
}
