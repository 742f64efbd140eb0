import { glob } from "node:fs/promises";
import Mocha from "mocha";
import { formatCounts, runMocha } from "./results";

/** Runs compiled Mocha tests in this process and prints their counts. @returns the exit code. */
export async function runTestFiles(patterns: readonly string[], timeoutMs: number): Promise<number> {
  const mocha = new Mocha({ ui: "bdd", timeout: timeoutMs, reporter: "spec" });
  const files: string[] = [];
  for await (const file of glob(patterns)) files.push(file);
  for (const file of files.sort()) mocha.addFile(file);
  await mocha.loadFilesAsync();
  const counts = await runMocha(mocha);
  console.log(formatCounts(counts));
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}
