import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import type { Eagerness } from "../completion/core/ranking/eagerness";
import { type GenerateCommand, generateCommand, generateOptions } from "./generateCommand";
import { type BackendChoice, backendChoices } from "../gpt2/backends/backend";
import { type Environment, type ModelOptions, modelOptions, type RunOptions, runOptions } from "./runOptions";
import { modelsCommand, type ModelsCommand, modelsOptions } from "./modelsCommand";
import { commonSamplingOptions, moreSamplingOptions } from "./samplingOptions";
import { serverOptionNames } from "./serverOptions";
import { flag, isSet, optionalOneOf, string, text, toTokenIds, UsageError, type Values, wholeNumber } from "./values";

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
  /** A folder whose lines compete with the model's own. */
  readonly workspace: string | undefined;
  /** Undefined to show the likeliest line however unlikely it is. */
  readonly eagerness: Eagerness | undefined;
  readonly explain: boolean;
}

export interface CheckpointsCommand extends ModelOptions {
  readonly kind: "checkpoints";
  /** "Hello." if neither a text nor tokens are given. */
  readonly prompt: string | undefined;
  readonly tokens: readonly number[] | undefined;
  /** Another backend to compare with, instead of the reference. */
  readonly against: BackendChoice | undefined;
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
  | ModelsCommand
  /** @param command the one to explain, all unless given */
  | { readonly kind: "help"; readonly command?: CommandName }
  | { readonly kind: "version" };

const common = { json: flag, help: { ...flag, short: "h" }, version: flag } as const;
const model = {
  ...common,
  model: text,
  backend: text,
  "device-map": text,
  precision: text,
  threads: text,
  adapter: text,
} as const;
const run = {
  ...model,
  ...serverOptionNames,
  ...commonSamplingOptions,
  "draft-model": text,
  timing: flag,
} as const;

/** The options of each command. */
export const commandOptions = {
  complete: { ...run, "max-tokens": text, language: text, workspace: text, eagerness: text, explain: flag },
  generate: { ...run, ...moreSamplingOptions, ...generateOptions },
  inspect: common,
  checkpoints: { ...model, prompt: text, tokens: text, against: text },
  models: { ...common, ...modelsOptions },
} satisfies Record<string, ParseArgsOptionsConfig>;

export type CommandName = keyof typeof commandOptions;

const commandNames = Object.keys(commandOptions).join(", ");

/**
 * Reads a command line.
 * @param argv the arguments after the program's name
 * @param environment `HALF` and `MAX_CONTEXT` count for generate, as in tinygrad's example; `HF_ENDPOINT` and `HF_TOKEN` for models
 * @throws UsageError saying what is wrong with them
 */
export function parseCommand(argv: readonly string[], environment: Environment = {}): Command {
  const [name, ...rest] = argv;
  if (name === "--version") return { kind: "version" };
  if (name === "--help" || name === "-h" || name === "help") return { kind: "help" };
  if (name === undefined) throw new UsageError(`No command given. Commands: ${commandNames}.`);
  if (!isCommandName(name)) {
    throw new UsageError(`Unknown command “${name}”. Commands: ${commandNames}.`);
  }
  const { values, positionals } = split(rest, commandOptions[name]);
  if (values["help"] === true) return { kind: "help", command: name };
  if (values["version"] === true) return { kind: "version" };
  switch (name) {
    case "complete":
      return completeCommand(values, onePositional(positionals, "complete", "FILE:LINE:COL"));
    case "generate":
      noPositionals(positionals);
      return { ...generateCommand(values), ...runOptions(values, environment, 0.8) };
    case "checkpoints":
      noPositionals(positionals);
      return checkpointsCommand(values);
    case "models":
      return modelsCommand(values, positionals, environment);
    case "inspect":
      return { kind: "inspect", path: onePositional(positionals, "inspect", "PATH"), json: isSet(values, "json") };
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
    workspace: string(values, "workspace"),
    eagerness: optionalOneOf(values, "eagerness", ["shy", "balanced", "eager"]),
    explain: isSet(values, "explain"),
    ...runOptions(values, {}, 0),
  };
}

function checkpointsCommand(values: Values): CheckpointsCommand {
  const against = optionalOneOf(values, "against", backendChoices);
  return { kind: "checkpoints", ...promptOptions(values), ...modelOptions(values), against };
}

/** A prompt as text or as tokens, or neither. */
function promptOptions(values: Values): Pick<CheckpointsCommand, "prompt" | "tokens"> {
  const prompt = string(values, "prompt");
  const tokens = string(values, "tokens");
  if (prompt !== undefined && tokens !== undefined) throw new UsageError("Use either --prompt or --tokens, not both.");
  return { prompt, tokens: tokens === undefined ? undefined : toTokenIds(tokens, "tokens") };
}

function split(args: string[], known: ParseArgsOptionsConfig): { values: Values; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args, options: known, allowPositionals: true });
    return { values, positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function isCommandName(name: string): name is keyof typeof commandOptions {
  return Object.hasOwn(commandOptions, name);
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
