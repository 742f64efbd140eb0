import type { Gpt2Config } from "../config/config";
import { ContextOverflowError, UnknownTokenError } from "../languageModel";

/**
 * Refuses a step that a model cannot run after `past` cached tokens.
 * @throws ContextOverflowError, UnknownTokenError
 */
export function checkStep({ contextLength, vocabSize }: Gpt2Config, past: number, tokens: readonly number[]): void {
  const total = past + tokens.length;
  if (total > contextLength) throw new ContextOverflowError(total, contextLength);
  // An unknown one would have no embedding and fill the cache with NaN.
  const unknown = tokens.find((token) => !(token >= 0 && token < vocabSize && Number.isInteger(token)));
  if (unknown !== undefined) throw new UnknownTokenError(unknown, vocabSize);
}
