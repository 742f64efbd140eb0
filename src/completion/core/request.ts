import type { CompletionRequest } from "../../generation/request";
import type { Cursor } from "./cursor";
import { stopRule } from "./stopRule";
import { buildPrompt } from "./prompt";
import type { CompletionSettings } from "./settings";

/** What the engine is asked at a cursor. @param fillInTheMiddle whether the model can read a suffix. */
export function requestAt(cursor: Cursor, settings: CompletionSettings, fillInTheMiddle: boolean): CompletionRequest {
  return {
    prompt: buildPrompt(cursor, fillInTheMiddle),
    stop: stopRule(cursor, settings.multiline),
    maxTokens: settings.maxTokens,
    sampling: { temperature: settings.temperature, topK: 0, topP: 0.95, seed: 0 },
    healing: true,
  };
}
