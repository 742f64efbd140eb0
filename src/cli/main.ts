import { version } from "../../package.json";
import { ServerError } from "../backend/server/errors";
import { ModelFileError } from "../formats/errors";
import { InputError } from "../generation/errors";
import { LogitsError } from "../generation/sampling/finite";
import { ComputeError } from "../gpt2/errors";
import { ContextOverflowError, UnknownTokenError } from "../gpt2/languageModel";
import { DownloadError } from "../hub/errors";
import { parseCommand, type Command } from "./arguments";
import { checkpoints } from "./commands/checkpoints";
import { complete } from "./commands/complete";
import { generate } from "./commands/generate";
import { inspect } from "./commands/inspect";
import { models } from "./commands/models";
import { help } from "./help";
import { interruptedCode, onInterrupt } from "./interrupt";
import { processOutput as output } from "./output";
import { inCommandLineTerms } from "./serverTerms";
import { UsageError } from "./values";

/** @returns false when a checkpoint failed. */
async function run(command: Command, signal: AbortSignal): Promise<boolean> {
  switch (command.kind) {
    case "help":
      output.text(help(command.command));
      break;
    case "version":
      output.text(`${version}\n`);
      break;
    case "complete":
      await complete(command, output, signal);
      break;
    case "generate":
      await generate(command, output, signal);
      break;
    case "inspect":
      return inspect(command, output);
    case "models":
      await models(command, output, signal);
      break;
    case "checkpoints":
      return checkpoints(command, output, signal);
  }
  return true;
}

/** @returns the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const interrupted = onInterrupt(process);
  try {
    const passed = await run(parseCommand(argv, process.env), interrupted);
    return interrupted.aborted ? interruptedCode : passed ? 0 : 1;
  } catch (error) {
    if (interrupted.aborted) return interruptedCode;
    return report(error);
  }
}

/** Errors whose message is all that a person needs. */
const expectedErrors = [
  ModelFileError,
  InputError,
  DownloadError,
  ComputeError,
  ContextOverflowError,
  UnknownTokenError,
  LogitsError,
];

function report(error: unknown): number {
  if (error instanceof UsageError) {
    output.note(`gpt2: ${error.message}\nSee npm run --silent gpt2 -- --help.\n`);
    return 2;
  }
  output.note(`gpt2: ${messageOf(error)}\n`);
  return 1;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ServerError) return inCommandLineTerms(error.message);
  return expectedErrors.some((kind) => error instanceof kind) ? error.message : (error.stack ?? error.message);
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever reads the output may stop early, as `head` does. Anything else, such as a full disk, loses output.
  if (error.code === "EPIPE") process.exit(0);
  output.note(`gpt2: The output could not be written: ${error.message}\n`);
  process.exit(1);
});
process.stderr.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
