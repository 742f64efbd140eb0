import { UnknownTokenError } from "../gpt2/languageModel";
import { InputError } from "./errors";
import type { SamplingOptions } from "./request";

/** @throws InputError if a number of the request is out of range */
export function checkRequest(maxTokens: number, { temperature, topK, topP }: SamplingOptions): void {
  if (!Number.isInteger(maxTokens) || maxTokens < 0) {
    throw new InputError(`The number of tokens must be a whole number of at least 0, not ${maxTokens}.`);
  }
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw new InputError(`The temperature must be a number of at least 0, not ${temperature}.`);
  }
  if (!Number.isInteger(topK) || topK < 0) {
    throw new InputError(`Top-k must be a whole number of at least 0 (0 for all tokens), not ${topK}.`);
  }
  if (!(topP >= 0 && topP <= 1)) {
    throw new InputError(`Top-p must be a number from 0 to 1, not ${topP}.`);
  }
}

/** @throws InputError if a token id is not in a vocabulary of this size */
export function checkTokens(tokens: readonly number[], vocabSize: number): void {
  const wrong = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabSize);
  if (wrong !== undefined) throw new InputError(new UnknownTokenError(wrong, vocabSize).message);
}
