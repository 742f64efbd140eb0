import type { FreePrompt, StopOptions } from "../generation/request";
import type { RunOptions } from "./runOptions";
import {
  decimal,
  flag,
  isSet,
  oneOf,
  optionalOneOf,
  optionalDecimal,
  optionalTokenIds,
  optionalWholeNumber,
  string,
  strings,
  text,
  texts,
  toTokenIds,
  UsageError,
  type Values,
  wholeNumber,
} from "./values";

/** Options of generate besides those of all commands that write text. */
export const generateOptions = {
  ...{ prompt: texts, tokens: texts, count: text, "batch-size": text, beams: text, "length-penalty": text },
  ...{ rng: text, "empty-prompt": text, regex: text, "json-schema": text, logprobs: text },
  ...{ stop: texts, "stop-tokens": text, "max-time": text, "ignore-end-of-text": flag, "context-end": text },
  ...{ "max-context": text, half: flag, "no-show": flag, benchmark: text, perplexity: text },
} as const;

/** Texts of one run. They are in memory together, and until the last one is done nothing is printed. */
const mostTexts = 1000;

export interface PerplexityTask {
  readonly kind: "perplexity";
  readonly file: string;
  /** Whether the windows overlap as those of a long text do. By default they do not. */
  readonly contextEnd: "move" | "rotate" | undefined;
}

export interface GenerateCommand extends RunOptions {
  readonly kind: "generate";
  /** What to do with the model: write texts, measure its speed with so many tokens, or how well it predicts a file. */
  readonly task:
    | { readonly kind: "write"; readonly prompts: readonly FreePrompt[] }
    | { readonly kind: "benchmark"; readonly tokens: number }
    | PerplexityTask;
  /** The maximum number of tokens of a text. */
  readonly count: number;
  /** Texts for each prompt. */
  readonly batchSize: number;
  /** Undefined for sampling. */
  readonly beams: { readonly count: number; readonly lengthPenalty: number } | undefined;
  readonly rng: "mulberry32" | "tinygrad";
  readonly emptyPrompt: "end-of-text" | "tinygrad";
  readonly stops: StopOptions;
  readonly regex: string | undefined;
  /** A JSON schema, or the name of its file. */
  readonly jsonSchema: string | undefined;
  /** Alternatives to list with each token, undefined for none. */
  readonly logProbabilities: number | undefined;
  /** Whether to print the texts. */
  readonly show: boolean;
}

/** The parts of a generate command that are its own. */
export type GenerateOptions = Omit<GenerateCommand, keyof RunOptions>;

/** @throws UsageError */
export function generateCommand(values: Values): GenerateOptions {
  const beams = optionalWholeNumber(values, "beams", 1);
  const batchSize = wholeNumber(values, "batch-size", 1, 1);
  const [regex, jsonSchema] = [string(values, "regex"), string(values, "json-schema")];
  if (regex !== undefined && jsonSchema !== undefined)
    throw new UsageError("Use either --regex or --json-schema, not both.");
  const what = task(values);
  const logProbabilities = optionalWholeNumber(values, "logprobs", 0);
  if (logProbabilities !== undefined && !isSet(values, "json")) throw new UsageError("--logprobs needs --json.");
  if (beams !== undefined && what.kind === "write" && what.prompts.length > 1) {
    throw new UsageError("--beams takes one prompt.");
  }
  const texts = batchSize * (what.kind === "write" ? what.prompts.length : 1);
  if (texts > mostTexts) {
    throw new UsageError(
      `--batch-size ${batchSize} makes ${texts} texts, and at most ${mostTexts} are written in one run: they are printed when all are done. ` +
        "For more, run it again with another --seed.",
    );
  }
  if (beams !== undefined && batchSize > beams) throw new UsageError("--batch-size must not be more than --beams.");
  return {
    kind: "generate",
    task: what,
    count: wholeNumber(values, "count", 100, 0),
    batchSize,
    beams:
      beams === undefined
        ? undefined
        : { count: beams, lengthPenalty: decimal(values, "length-penalty", 1, Infinity, -Infinity) },
    rng: oneOf(values, "rng", ["mulberry32", "tinygrad"]),
    emptyPrompt: oneOf(values, "empty-prompt", ["end-of-text", "tinygrad"]),
    stops: stops(values),
    regex,
    jsonSchema,
    logProbabilities,
    show: !isSet(values, "no-show"),
  };
}

function task(values: Values): GenerateCommand["task"] {
  const tasks: GenerateCommand["task"][] = [];
  const prompts = [
    ...strings(values, "prompt"),
    ...strings(values, "tokens").map((list) => toTokenIds(list, "tokens")),
  ];
  if (prompts.length > 0) tasks.push({ kind: "write", prompts });
  const tokens = optionalWholeNumber(values, "benchmark", 1);
  if (tokens !== undefined) tasks.push({ kind: "benchmark", tokens });
  const file = string(values, "perplexity");
  if (file !== undefined) {
    tasks.push({ kind: "perplexity", file, contextEnd: optionalOneOf(values, "context-end", ["move", "rotate"]) });
  }
  const [first, second] = tasks;
  if (!first) throw new UsageError("generate needs --prompt TEXT or --tokens ID,ID,….");
  if (second) throw new UsageError("Use only one of --prompt or --tokens, --benchmark and --perplexity.");
  return first;
}

function stops(values: Values): StopOptions {
  const tokens = optionalTokenIds(values, "stop-tokens");
  const seconds = optionalDecimal(values, "max-time", Infinity);
  return {
    strings: strings(values, "stop"),
    ...(tokens && { tokens }),
    ...(seconds !== undefined && { maxMs: 1000 * seconds }),
    endOfText: isSet(values, "ignore-end-of-text") ? "write" : "stop",
    contextEnd: oneOf(values, "context-end", ["move", "rotate", "stop"]),
  };
}
