import { UnknownTokenError } from "../gpt2/languageModel";
import { InputError } from "./errors";
import type { SamplingOptions, TextOptions } from "./request";

/** @throws InputError if a number of the request is out of range */
export function checkRequest(maxTokens: number, sampling: SamplingOptions, vocabSize: number): void {
  checkTextOptions({ maxTokens }, vocabSize);
  checkSampling(sampling, vocabSize);
}

/** @throws InputError if a number is out of range, or a stop token not in the vocabulary */
export function checkTextOptions({ maxTokens, stops, logProbabilities = 0 }: TextOptions, vocabSize: number): void {
  if (!Number.isInteger(maxTokens) || maxTokens < 0) {
    throw new InputError(`The number of tokens must be a whole number of at least 0, not ${maxTokens}.`);
  }
  if (!Number.isInteger(logProbabilities) || logProbabilities < 0) {
    throw new InputError(`The number of alternatives must be a whole number of at least 0, not ${logProbabilities}.`);
  }
  checkNumber("The time limit in ms", stops?.maxMs ?? 0, 0, Infinity);
  checkTokens(stops?.tokens ?? [], vocabSize);
}

/** @throws InputError if a number is out of range, or a token not in the vocabulary */
export function checkSampling(options: SamplingOptions, vocabSize: number): void {
  const { temperature, topK, dry, mirostat, logitBias = [], allowedTokens = [], forbiddenTokens = [] } = options;
  checkNumber("The temperature", temperature, 0, Number.MAX_VALUE);
  if (!Number.isInteger(topK) || topK < 0) {
    throw new InputError(`Top-k must be a whole number of at least 0 (0 for all tokens), not ${topK}.`);
  }
  checkNumber("Top-p", options.topP, 0, 1);
  checkNumber("Min-p", options.minP ?? 0, 0, 1);
  checkNumber("Typical-p", options.typicalP ?? 1, 0, 1);
  checkNumber("The frequency penalty", options.frequencyPenalty ?? 0);
  checkNumber("The presence penalty", options.presencePenalty ?? 0);
  checkNumber("The repetition penalty", options.repetitionPenalty ?? 1, Number.MIN_VALUE);
  if (dry) {
    checkNumber("The multiplier of DRY", dry.multiplier, 0);
    checkNumber("The base of DRY", dry.base, 0);
    checkNumber("The allowed length of DRY", dry.allowedLength, 0);
  }
  if (mirostat) {
    checkNumber("Mirostat's target", mirostat.tau, 0);
    checkNumber("Mirostat's learning rate", mirostat.eta, 0);
  }
  for (const { bias } of logitBias) checkNumber("A logit bias", bias);
  checkTokens([...logitBias.map(({ token }) => token), ...allowedTokens, ...forbiddenTokens], vocabSize);
}

function checkNumber(name: string, value: number, least = -Number.MAX_VALUE, most = Number.MAX_VALUE): void {
  if (value >= least && value <= most) return;
  const range = most === 1 ? "from 0 to 1" : least === 0 ? "of at least 0" : least > 0 ? "above 0" : "that is finite";
  throw new InputError(`${name} must be a number ${range}, not ${value}.`);
}

/** @throws InputError if a token id is not in a vocabulary of this size */
export function checkTokens(tokens: readonly number[], vocabSize: number): void {
  const wrong = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabSize);
  if (wrong !== undefined) throw new InputError(new UnknownTokenError(wrong, vocabSize).message);
}
