import type { BackendSpeed, ModelSpeed } from "../../gpt2/backends/speed";
import type { BackendId } from "../../gpt2/languageModel";

/** A suggestion while typing, in tokens: most of the prompt is cached, and the text is a line. */
const suggestion = { promptTokens: 12, newTokens: 10 };

/** How much faster a backend must be than one that is preferred to it. Less is lost in what else the machine does. */
const worthwhileGain = 1.15;

/** Milliseconds that a suggestion takes. */
export function suggestionMs({ prefillMs, decodeMs }: ModelSpeed): number {
  return suggestion.promptTokens * prefillMs + suggestion.newTokens * decodeMs;
}

/**
 * The backend to run a model on.
 * @param speeds in order of preference
 * @returns undefined when none could be measured
 */
export function fasterBackend(speeds: readonly BackendSpeed[]): BackendId | undefined {
  let best: { readonly backend: BackendId; readonly ms: number } | undefined;
  for (const result of speeds) {
    if (result.kind === "unavailable") continue;
    const ms = suggestionMs(result.speed);
    if (!best || ms * worthwhileGain < best.ms) best = { backend: result.backend, ms };
  }
  return best?.backend;
}
