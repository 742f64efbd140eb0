/**
 * Packages the extension and runs test/e2e with it: `e2eTests.js [--grep WORD]`. Files with failed tests are run once more, in another process:
 * `e2eTests.js [--grep WORD] --again OUTCOMES FILE…` runs these files and writes what came of their tests to a file.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { installExtension } from "./codeServer";
import { exitWith } from "./exit";
import { askWindowsOnFailure } from "./failedTests";
import { exitCodeOf, runOnce } from "./mochaFiles";
import { RESULTS_VARIABLE } from "./e2eResults";
import type { Outcome } from "./outcomes";
import { run } from "./processes";
import { groupsToRepeat, judge, reportVerdict } from "./secondRun";
import { INSTALLED_VSIX, packageExtension, VSIX } from "./vsix";

const OPTIONS = { usualMs: 120_000, prepare: askWindowsOnFailure };

/** Milliseconds that the second run may take. */
const AGAIN_LIMIT_MS = 15 * 60_000;

async function main(): Promise<number> {
  const options = { grep: { type: "string" }, again: { type: "string" } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const { grep, again } = values;
  if (again !== undefined) {
    const outcomes = await runOnce(positionals, { ...OPTIONS, grep });
    await writeFile(again, JSON.stringify(outcomes));
    return 0;
  }
  const bytes = await packageExtension();
  console.log(`The package is ${(bytes / 1e6).toFixed(1)} MB.`);
  await rm(INSTALLED_VSIX, { recursive: true, force: true });
  await installExtension(VSIX, INSTALLED_VSIX);
  const first = await runOnce(["dist/test/e2e/**/*.test.js"], { ...OPTIONS, grep });
  const files = groupsToRepeat(first);
  const verdict = judge(first, files.length > 0 ? await runAgain(files, grep) : []);
  reportVerdict(verdict);
  return exitCodeOf(verdict.counts);
}

/** Runs test files in a new process. @returns nothing if it does not come to its end. */
async function runAgain(files: readonly string[], grep: string | undefined): Promise<readonly Outcome[]> {
  console.log(`\n  Once more, in a new process: ${files.join(", ")}`);
  const outcomes = path.resolve("test-results/e2e/second-run.json");
  await mkdir(path.dirname(outcomes), { recursive: true });
  await rm(outcomes, { force: true });
  const flags = [...(grep === undefined ? [] : ["--grep", grep]), "--again", outcomes];
  const args = ["--enable-source-maps", path.resolve(process.argv[1] ?? ""), ...flags, ...files];
  // What the first run has kept stays.
  const env = { ...process.env, [RESULTS_VARIABLE]: path.join(path.dirname(outcomes), "again") };
  await run(process.execPath, args, { env, timeoutMs: AGAIN_LIMIT_MS, echo: true });
  const text = await readFile(outcomes, "utf8").catch(() => "[]");
  return JSON.parse(text) as readonly Outcome[];
}

exitWith(main());
