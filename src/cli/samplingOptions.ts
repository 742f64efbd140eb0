import type { DryOptions, MirostatOptions, SamplingOptions, TokenBias } from "../generation/sampling/options";
import {
  decimal,
  optionalDecimal,
  optionalTokenIds,
  strings,
  text,
  texts,
  toDecimal,
  UsageError,
  type Values,
  wholeNumber,
} from "./values";

/** What complete and generate have in common. */
export const commonSamplingOptions = { temperature: text, "top-k": text, "top-p": text, seed: text } as const;

/** What only generate has. */
export const moreSamplingOptions = {
  ...{ "min-p": text, "typical-p": text, mirostat: text },
  ...{ "frequency-penalty": text, "presence-penalty": text, "repetition-penalty": text },
  ...{ dry: text, "dry-base": text, "dry-allowed-length": text, "dry-breaker": texts },
  ...{ "logit-bias": texts, "allow-tokens": text, "forbid-tokens": text },
} as const;

/** DRY's usual breakers: what ends a line, a name or a quotation. */
const usualBreakers = ["\n", ":", '"', "*"];

/** @param temperature the default */
export function samplingOptions(values: Values, temperature: number): SamplingOptions {
  return {
    temperature: decimal(values, "temperature", temperature, Infinity),
    topK: wholeNumber(values, "top-k", 0, 0),
    topP: decimal(values, "top-p", 1, 1),
    seed: wholeNumber(values, "seed", 0, 0, 2 ** 32 - 1),
    ...given("minP", optionalDecimal(values, "min-p", 1)),
    ...given("typicalP", optionalDecimal(values, "typical-p", 1)),
    ...given("mirostat", mirostat(values)),
    ...given("frequencyPenalty", optionalDecimal(values, "frequency-penalty", Infinity, -Infinity)),
    ...given("presencePenalty", optionalDecimal(values, "presence-penalty", Infinity, -Infinity)),
    ...given("repetitionPenalty", optionalDecimal(values, "repetition-penalty", Infinity)),
    ...given("dry", dry(values)),
    ...given("logitBias", logitBias(values)),
    ...given("allowedTokens", optionalTokenIds(values, "allow-tokens")),
    ...given("forbiddenTokens", optionalTokenIds(values, "forbid-tokens")),
  };
}

function given<K extends string, T>(key: K, value: T | undefined): Partial<Readonly<Record<K, T>>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, T>);
}

/** `--mirostat TAU` or `--mirostat TAU,ETA`. */
function mirostat(values: Values): MirostatOptions | undefined {
  const value = values["mirostat"];
  if (typeof value !== "string") return undefined;
  const [tau = "", eta = "0.1", ...rest] = value.split(",");
  if (rest.length > 0) throw new UsageError(`--mirostat must be TAU or TAU,ETA, not “${value}”.`);
  return { tau: toDecimal(tau, "mirostat", Infinity), eta: toDecimal(eta, "mirostat", Infinity) };
}

function dry(values: Values): DryOptions | undefined {
  const multiplier = optionalDecimal(values, "dry", Infinity);
  if (multiplier === undefined) return undefined;
  const breakers = strings(values, "dry-breaker");
  return {
    multiplier,
    base: decimal(values, "dry-base", 1.75, Infinity),
    allowedLength: wholeNumber(values, "dry-allowed-length", 2, 0),
    breakers: breakers.length > 0 ? breakers : usualBreakers,
  };
}

/** `--logit-bias ID=BIAS`, any number of times. */
function logitBias(values: Values): readonly TokenBias[] | undefined {
  const biases = strings(values, "logit-bias").map((value) => {
    const [, token, bias] = /^(\d+)=(.+)$/.exec(value) ?? [];
    if (token === undefined || bias === undefined) {
      throw new UsageError(`--logit-bias must be ID=BIAS, such as 50256=-5, not “${value}”.`);
    }
    return { token: Number(token), bias: toDecimal(bias, "logit-bias", Infinity, -Infinity) };
  });
  return biases.length > 0 ? biases : undefined;
}
