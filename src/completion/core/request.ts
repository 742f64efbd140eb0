import type { CompletionRequest } from "../../generation/request";
import { adapterFor } from "./adapters";
import type { Cursor } from "./cursor";
import { buildPrompt } from "./prompt";
import type { CompletionSettings } from "./settings";
import { stopRule } from "./stopRule";

/** The settings that shape a request. */
export type RequestSettings = Pick<CompletionSettings, "multiline" | "maxTokens" | "temperature">;

/** What a backend is asked at a cursor. */
export function requestAt(cursor: Cursor, { multiline, maxTokens, temperature }: RequestSettings): CompletionRequest {
  const adapter = adapterFor(cursor.adapters ?? [], cursor.languageId);
  return {
    prompt: buildPrompt(cursor),
    stop: stopRule(cursor, multiline),
    maxTokens,
    sampling: { temperature, topK: 0, topP: 0.95, seed: 0 },
    healing: true,
    ...(adapter !== undefined && { adapter }),
  };
}
