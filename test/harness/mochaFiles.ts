import { glob } from "node:fs/promises";
import { parseArgs } from "node:util";
import Mocha from "mocha";
import { formatCounts, runMocha } from "./results";
import { SLOW_MACHINE } from "./slowMachine";

export interface MochaOptions {
  /** Milliseconds that one test may take on a usual machine. */
  readonly usualMs: number;
  /** Runs only the tests whose titles match this expression, in any case. */
  readonly grep?: string | undefined;
}

/** Runs compiled Mocha tests in this process and prints their counts. @returns the exit code. */
export async function runTestFiles(patterns: readonly string[], { usualMs, grep }: MochaOptions): Promise<number> {
  const mocha = new Mocha({ ui: "bdd", timeout: usualMs * SLOW_MACHINE, reporter: "spec" });
  if (grep !== undefined) mocha.grep(new RegExp(grep, "i"));
  const files: string[] = [];
  for await (const file of glob(patterns)) files.push(file);
  for (const file of files.sort()) mocha.addFile(file);
  await mocha.loadFilesAsync();
  const counts = await runMocha(mocha);
  console.log(formatCounts(counts));
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

/** The value of `--grep` on this process's command line. */
export function readGrep(): string | undefined {
  return parseArgs({ options: { grep: { type: "string" } }, allowPositionals: true }).values.grep;
}
