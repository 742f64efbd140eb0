import type { TextsRequest } from "../backend/texts";
import { InputError } from "../generation/errors";
import type { Constraint } from "../generation/sampling/constraints/constraint";
import type { JsonSchema } from "../generation/sampling/constraints/jsonSchema/schema";
import type { SamplingOptions } from "../generation/sampling/options";
import type { FormSampling, GenerateForm } from "./form";

/** How many alternatives there are to choose from at each token. */
const alternatives = 10;

/**
 * The request of a form.
 * @param seed of the first text
 * @throws InputError for what the form itself cannot check
 */
export function textsRequest(form: GenerateForm, seed: number): TextsRequest {
  const { prompt, header, adapter, maxTokens, texts, stops, beams, lengthPenalty, maxSeconds, contextEnd } = form;
  const constraint = constraintOf(form);
  const strings = stopStrings(stops);
  return {
    prompt: header + prompt,
    ...(adapter !== "" && { adapter }),
    maxTokens,
    samplings: Array.from({ length: beams > 1 ? Math.min(texts, beams) : texts }, (_, i) => {
      return samplingOptions(form.sampling, (seed + i) % 2 ** 32);
    }),
    stops: { contextEnd, ...(strings.length > 0 && { strings }), ...(maxSeconds > 0 && { maxMs: 1000 * maxSeconds }) },
    ...(constraint && { constraint }),
    ...(beams > 1 && { beams: { count: beams, lengthPenalty } }),
    alternatives,
  };
}

/** The stop strings of the form's lines. Empty lines are none. */
export function stopStrings(lines: string): string[] {
  const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", "\\": "\\" };
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.replace(/\\(.)/gu, (whole, escaped: string) => escapes[escaped] ?? whole));
}

/** What to enter where the text must match something that was left empty. The page asks for it too, but not in a form of the history. */
const missing = { regex: "regular expression", jsonSchema: "JSON schema" } as const;

function constraintOf({ match, pattern }: GenerateForm): Constraint | undefined {
  if (match === "nothing") return undefined;
  if (pattern.trim() === "") throw new InputError(`Enter the ${missing[match]} that the text must match.`);
  if (match === "regex") return { kind: "regex", pattern };
  try {
    return { kind: "jsonSchema", schema: JSON.parse(pattern) as JsonSchema };
  } catch (error) {
    throw new InputError(`The JSON schema is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** DRY's usual breakers: what ends a line, a name or a quotation. */
const breakers = ["\n", ":", '"', "*"];

/** The sampling options of the form; what is off is left out. */
export function samplingOptions(sampling: FormSampling, seed: number): SamplingOptions {
  const { temperature, topK, topP, minP, typicalP, repetitionPenalty, frequencyPenalty, presencePenalty } = sampling;
  const { dry, mirostat } = sampling;
  return {
    ...{ temperature, topK, topP, seed },
    ...(minP > 0 && { minP }),
    ...(typicalP < 1 && { typicalP }),
    ...(repetitionPenalty !== 1 && { repetitionPenalty }),
    ...(frequencyPenalty !== 0 && { frequencyPenalty }),
    ...(presencePenalty !== 0 && { presencePenalty }),
    ...(dry > 0 && { dry: { multiplier: dry, base: 1.75, allowedLength: 2, breakers } }),
    ...(mirostat > 0 && { mirostat: { tau: mirostat, eta: 0.1 } }),
  };
}

/** A random seed. */
export function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}
