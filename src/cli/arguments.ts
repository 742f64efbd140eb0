import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import type { SamplingOptions } from "../generation/request";
import type { BackendChoice } from "../gpt2/backends/backend";
import type { Precision } from "../gpt2/languageModel";

/** The command line is not valid. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Options of opening a model. */
export interface ModelOptions {
  /** A file or folder; undefined for the bundled model. */
  readonly model: string | undefined;
  readonly backend: BackendChoice;
  readonly precision: Precision;
  /** 0: chosen from the machine. */
  readonly threads: number;
  readonly json: boolean;
}

/** Options of running a model. */
export interface RunOptions extends ModelOptions {
  /** A file or folder of a smaller model for speculative decoding; undefined for none. */
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
const model = { ...common, model: text, backend: text, precision: text, threads: text } as const;
const run = {
  ...model,
  ...{ "draft-model": text, timing: flag, temperature: text, "top-k": text, "top-p": text, seed: text },
} as const;

const options = {
  complete: { ...run, "max-tokens": text, language: text },
  generate: { ...run, prompt: text, tokens: text, count: text, "batch-size": text },
  inspect: common,
  checkpoints: { ...model, prompt: text, tokens: text },
} satisfies Record<string, ParseArgsOptionsConfig>;

const commandNames = Object.keys(options).join(", ");

/**
 * Reads a command line.
 * @param argv the arguments after the program's name
 * @throws UsageError saying what is wrong with them
 */
export function parseCommand(argv: readonly string[]): Command {
  const [name, ...rest] = argv;
  if (name === "--version") return { kind: "version" };
  if (name === "--help" || name === "-h" || name === "help") return { kind: "help" };
  if (name === undefined) throw new UsageError(`No command given. Commands: ${commandNames}.`);
  if (!isCommandName(name)) {
    throw new UsageError(`Unknown command “${name}”. Commands: ${commandNames}.`);
  }
  const { values, positionals } = split(rest, options[name]);
  if (values["help"] === true) return { kind: "help" };
  if (values["version"] === true) return { kind: "version" };
  switch (name) {
    case "complete":
      return completeCommand(values, onePositional(positionals, "complete", "FILE:LINE:COL"));
    case "generate":
      noPositionals(positionals);
      return generateCommand(values);
    case "checkpoints":
      noPositionals(positionals);
      return checkpointsCommand(values);
    case "inspect":
      return { kind: "inspect", path: onePositional(positionals, "inspect", "PATH"), json: values["json"] === true };
  }
}

function completeCommand(values: Values, position: string): CompleteCommand {
  const found = /^(?<file>.+):(?<line>\d+):(?<column>\d+)$/s.exec(position)?.groups;
  if (!found) throw new UsageError(`“${position}” is not a position. Write FILE:LINE:COL, such as src/app.ts:12:5.`);
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
    throw new UsageError("generate needs --prompt TEXT or --tokens ID,ID,….");
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
  return { kind: "checkpoints", ...promptOptions(values), ...modelOptions(values) };
}

/** A prompt as text or as tokens, or neither. */
function promptOptions(values: Values): Pick<CheckpointsCommand, "prompt" | "tokens"> {
  const prompt = string(values, "prompt");
  const tokens = string(values, "tokens");
  if (prompt !== undefined && tokens !== undefined) throw new UsageError("Use either --prompt or --tokens, not both.");
  return { prompt, tokens: tokens === undefined ? undefined : tokenIds(tokens) };
}

function modelOptions(values: Values): ModelOptions {
  return {
    model: string(values, "model"),
    backend: oneOf(values, "backend", ["auto", "kernels", "onnxruntime"]),
    precision: oneOf(values, "precision", ["int8", "f32"]),
    threads: wholeNumber(values, "threads", 0, 0),
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
      seed: wholeNumber(values, "seed", 0, 0),
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

function noPositionals(positionals: readonly string[]): void {
  if (positionals.length > 0) {
    throw new UsageError(`Unexpected argument “${positionals.join(" ")}”. Quote a text that contains spaces.`);
  }
}

function onePositional(positionals: readonly string[], command: string, what: string): string {
  const [first, second] = positionals;
  if (first === undefined) throw new UsageError(`${command} needs ${what}.`);
  if (second !== undefined) throw new UsageError(`Unexpected argument “${second}”: ${command} takes one ${what}.`);
  return first;
}

function string(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

/** One of a list of values; the first is the default. */
function oneOf<T extends string>(values: Values, name: string, [first, ...others]: readonly [T, ...T[]]): T {
  const value = string(values, name) ?? first;
  const found = [first, ...others].find((known) => known === value);
  if (found === undefined) {
    const list = new Intl.ListFormat("en-GB", { type: "disjunction" }).format([first, ...others]);
    throw new UsageError(`--${name} must be ${list}, not “${value}”.`);
  }
  return found;
}

function wholeNumber(values: Values, name: string, fallback: number, min: number): number {
  const value = string(values, name);
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < min) {
    throw new UsageError(`--${name} must be an integer of at least ${min}, not “${value}”.`);
  }
  return number;
}

function decimal(values: Values, name: string, fallback: number, max: number): number {
  const value = string(values, name);
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!/^\d*\.?\d+(e[+-]?\d+)?$/i.test(value) || !Number.isFinite(number) || number > max) {
    throw new UsageError(
      `--${name} must be a number ${max === Infinity ? "of at least 0" : `from 0 to ${max}`}, not “${value}”.`,
    );
  }
  return number;
}

function tokenIds(list: string): number[] {
  if (list.trim() === "") return [];
  if (!/^\s*\d+(\s*,\s*\d+)*\s*$/.test(list)) {
    throw new UsageError(`--tokens must be a list of ids such as 15496,13, not “${list}”.`);
  }
  return list.split(",").map(Number);
}
