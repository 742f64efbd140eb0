import { glob } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import Mocha from "mocha";
import { watchOutcomes, type Outcome } from "./outcomes";
import { formatCounts, runMocha, type Counts } from "./results";
import { judge } from "./secondRun";
import { SLOW_MACHINE } from "./slowMachine";

export interface MochaOptions {
  /** Milliseconds that one test may take on a usual machine. */
  readonly usualMs: number;
  /** Runs only the tests whose titles match this expression, in any case. */
  readonly grep?: string | undefined;
  /** Called with all tests before they run. */
  readonly prepare?: (suite: Mocha.Suite) => void;
}

/** Runs compiled Mocha tests in this process and prints their counts. @returns the exit code. */
export async function runTestFiles(patterns: readonly string[], options: MochaOptions): Promise<number> {
  const { counts } = judge(await runOnce(patterns, options));
  console.log(formatCounts(counts));
  return exitCodeOf(counts);
}

/** Runs compiled Mocha tests in this process. @returns what came of them; a file is a group. */
export async function runOnce(patterns: readonly string[], options: MochaOptions): Promise<Outcome[]> {
  const { usualMs, grep = "", prepare } = options;
  const mocha = new Mocha({ ui: "bdd", timeout: usualMs * SLOW_MACHINE, reporter: "spec" });
  const titles = new RegExp(grep, "i");
  mocha.grep(titles);
  const files: string[] = [];
  for await (const file of glob(patterns)) files.push(file);
  for (const file of files.sort()) mocha.addFile(file);
  await mocha.loadFilesAsync();
  prepare?.(mocha.suite);
  let outcomes: () => Outcome[] = () => [];
  await runMocha(mocha, (runner) => (outcomes = watchOutcomes(runner, titles, fileOf)));
  return outcomes();
}

/** 0 when tests passed and none failed, or else 1. */
export function exitCodeOf({ passed, failed }: Counts): number {
  return failed === 0 && passed > 0 ? 0 : 1;
}

/** The value of `--grep` on this process's command line. */
export function readGrep(): string | undefined {
  return parseArgs({ options: { grep: { type: "string" } }, allowPositionals: true }).values.grep;
}

function fileOf(it: Mocha.Runnable): string {
  return path.relative(".", it.file ?? "");
}
