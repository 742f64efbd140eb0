import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { InputError } from "../generation/errors";
import type { SamplingOptions } from "../generation/request";
import type { Precision } from "../gpt2/languageModel";

/** The command line is not one that we know. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What opening a model takes. */
export interface ModelOptions {
  /** A file or folder; undefined for the bundled model. */
  readonly model: string | undefined;
  readonly precision: Precision;
  /** 0: chosen from the machine. */
  readonly threads: number;
  readonly json: boolean;
}

/** What writing with a model takes. */
export interface RunOptions extends ModelOptions {
  /** A file or folder of a smaller model that guesses ahead; undefined for none. */
  readonly draftModel: string | undefined;
  readonly sampling: SamplingOptions;
  readonly timing: boolean;
}

export interface CompleteCommand extends RunOptions {
  readonly kind: "complete";
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** UTF-16 units counted from 1, as the editor's status bar counts them. */
  readonly column: number;
  readonly maxTokens: number;
  /** A language identifier; undefined to go by the file's ending. */
  readonly language: string | undefined;
}

export interface GenerateCommand extends RunOptions {
  readonly kind: "generate";
  readonly prompt: string | readonly number[];
  /** New tokens at most. */
  readonly count: number;
  readonly batchSize: number;
}

export interface CheckpointsCommand extends ModelOptions {
  readonly kind: "checkpoints";
  /** "Hello." if neither a text nor tokens are given. */
  readonly prompt: string | undefined;
  readonly tokens: readonly number[] | undefined;
}

export interface InspectCommand {
  readonly kind: "inspect";
  readonly path: string;
  readonly json: boolean;
}

export type Command =
  | CompleteCommand
  | GenerateCommand
  | InspectCommand
  | CheckpointsCommand
  | { readonly kind: "help" }
  | { readonly kind: "version" };

type Values = Readonly<Record<string, string | boolean | undefined>>;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const common = { json: flag, help: { ...flag, short: "h" }, version: flag } as const;
const model = { ...common, model: text, precision: text, threads: text } as const;
const run = {
  ...model,
  ...{ "draft-model": text, timing: flag, temperature: text, "top-k": text, "top-p": text, seed: text },
} as const;

const options = {
  complete: { ...run, "max-tokens": text, language: text },
  generate: { ...run, prompt: text, tokens: text, count: text, "batch-size": text },
  inspect: common,
  checkpoints: { ...model, prompt: text, tokens: text, backend: text },
} satisfies Record<string, ParseArgsOptionsConfig>;

const commandNames = Object.keys(options).join(", ");

/**
 * Reads a command line.
 * @param argv what stands behind the program's name.
 * @throws UsageError saying which part of it is wrong, InputError for a backend that this build does not have.
 */
export function parseCommand(argv: readonly string[]): Command {
  const [name, ...rest] = argv;
  if (name === "--version") return { kind: "version" };
  if (name === "--help" || name === "-h" || name === "help") return { kind: "help" };
  if (name === undefined) throw new UsageError(`Which command: ${commandNames}?`);
  if (!isCommandName(name)) {
    throw new UsageError(`There is no command “${name}”. It is one of ${commandNames}.`);
  }
  const { values, positionals } = split(rest, options[name]);
  if (values["help"] === true) return { kind: "help" };
  if (values["version"] === true) return { kind: "version" };
  switch (name) {
    case "complete":
      return completeCommand(values, only(positionals, "complete", "FILE:LINE:COL"));
    case "generate":
      none(positionals);
      return generateCommand(values);
    case "checkpoints":
      none(positionals);
      return checkpointsCommand(values);
    case "inspect":
      return { kind: "inspect", path: only(positionals, "inspect", "PATH"), json: values["json"] === true };
  }
}

function completeCommand(values: Values, place: string): CompleteCommand {
  const found = /^(?<file>.+):(?<line>\d+):(?<column>\d+)$/s.exec(place)?.groups;
  if (!found) throw new UsageError(`“${place}” is not a place: write FILE:LINE:COL, such as src/app.ts:12:5.`);
  return {
    kind: "complete",
    file: found["file"] ?? "",
    line: Number(found["line"]),
    column: Number(found["column"]),
    maxTokens: wholeNumber(values, "max-tokens", 64, 1),
    language: string(values, "language"),
    ...runOptions(values, 0),
  };
}

function generateCommand(values: Values): GenerateCommand {
  const { prompt, tokens } = promptOptions(values);
  if (prompt === undefined && tokens === undefined) {
    throw new UsageError("What is to be continued: --prompt TEXT or --tokens ID,ID,…?");
  }
  return {
    kind: "generate",
    prompt: prompt ?? tokens ?? "",
    count: wholeNumber(values, "count", 100, 0),
    batchSize: wholeNumber(values, "batch-size", 1, 1),
    ...runOptions(values, 0.8),
  };
}

function checkpointsCommand(values: Values): CheckpointsCommand {
  const backend = string(values, "backend") ?? "wasm";
  if (backend === "webgpu") {
    throw new InputError("The backend webgpu is not part of this build, which runs on wasm only.");
  }
  if (backend !== "wasm") throw new UsageError(`--backend is wasm, not “${backend}”.`);
  return { kind: "checkpoints", ...promptOptions(values), ...modelOptions(values) };
}

/** A prompt as text or as tokens, or neither. */
function promptOptions(values: Values): Pick<CheckpointsCommand, "prompt" | "tokens"> {
  const prompt = string(values, "prompt");
  const tokens = string(values, "tokens");
  if (prompt !== undefined && tokens !== undefined) throw new UsageError("--prompt and --tokens exclude each other.");
  return { prompt, tokens: tokens === undefined ? undefined : tokenIds(tokens) };
}

function modelOptions(values: Values): ModelOptions {
  const precision = string(values, "precision") ?? "int8";
  if (precision !== "int8" && precision !== "f32") {
    throw new UsageError(`--precision is int8 or f32, not “${precision}”.`);
  }
  return {
    model: string(values, "model"),
    precision,
    threads: wholeNumber(values, "threads", 0, 0, 256),
    json: values["json"] === true,
  };
}

function runOptions(values: Values, temperature: number): RunOptions {
  return {
    ...modelOptions(values),
    draftModel: string(values, "draft-model"),
    sampling: {
      temperature: decimal(values, "temperature", temperature, Infinity),
      topK: wholeNumber(values, "top-k", 0, 0),
      topP: decimal(values, "top-p", 1, 1),
      seed: wholeNumber(values, "seed", 0, 0, 2 ** 32 - 1),
    },
    timing: values["timing"] === true,
  };
}

function split(args: string[], known: ParseArgsOptionsConfig): { values: Values; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args, options: known, allowPositionals: true });
    return { values: values as Values, positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function isCommandName(name: string): name is keyof typeof options {
  return Object.hasOwn(options, name);
}

function none(positionals: readonly string[]): void {
  if (positionals.length > 0) {
    throw new UsageError(`What is “${positionals.join(" ")}”? Quote the text of --prompt.`);
  }
}

function only(positionals: readonly string[], command: string, what: string): string {
  const [first, second] = positionals;
  if (first === undefined) throw new UsageError(`${command} needs ${what}.`);
  if (second !== undefined) throw new UsageError(`${command} takes one ${what}, and what is “${second}”?`);
  return first;
}

function string(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

function wholeNumber(values: Values, name: string, fallback: number, least: number, most = Infinity): number {
  const value = string(values, name);
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < least || number > most) {
    const range = most === Infinity ? `from ${least} on` : `from ${least} to ${most}`;
    throw new UsageError(`--${name} is a whole number ${range}, not “${value}”.`);
  }
  return number;
}

function decimal(values: Values, name: string, fallback: number, most: number): number {
  const value = string(values, name);
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!/^\d*\.?\d+(e[+-]?\d+)?$/i.test(value) || !Number.isFinite(number) || number > most) {
    throw new UsageError(`--${name} is a number from 0 ${most === Infinity ? "on" : `to ${most}`}, not “${value}”.`);
  }
  return number;
}

function tokenIds(list: string): number[] {
  if (list.trim() === "") return [];
  if (!/^\s*\d+(\s*,\s*\d+)*\s*$/.test(list)) {
    throw new UsageError(`--tokens is a list of ids such as 15496,13, not “${list}”.`);
  }
  return list.split(",").map(Number);
}
