/**
 * `npm test [-- SUITE… [--grep WORD]]`: builds and runs every suite but webgpu, or those that are named; with `--grep`, the tests in them whose titles
 * match. The last line says how many tests passed and failed.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { exitWith } from "./exit";
import { failuresIn } from "./failures";
import { endLeftOvers, RUN_MARK } from "./leftOvers";
import { run, runOrThrow } from "./processes";
import { parseCounts, type Counts } from "./results";
import { SUITES, type Suite } from "./suites";

const RESULTS = path.resolve("test-results");

/** Milliseconds that building may take. */
const BUILD_LIMIT_MS = 5 * 60_000;

/** Large buffers come in huge pages: models are opened again and again here, and page faults are slow in virtual machines. */
const HUGE_PAGES = { GLIBC_TUNABLES: "glibc.malloc.hugetlb=1" };

/** Builds what the suites run, and nothing else: for production, as it is released, if the extension is part of it. */
async function build(suites: readonly Suite[]): Promise<void> {
  const groups = new Set(suites.flatMap(({ builds }) => builds));
  if (groups.size === 0) return;
  const flags = groups.has("product") ? ["--production"] : [];
  const args = ["esbuild.mjs", `--only=${Array.from(groups).join(",")}`, ...flags];
  await runOrThrow(process.execPath, args, { timeoutMs: BUILD_LIMIT_MS });
}

interface Result extends Counts {
  readonly suite: Suite;
  readonly seconds: number;
  /** What the failed tests said. */
  readonly failures: string;
}

/** Runs suites: some beside the unit tests, then those of the editor, which need both cores. */
async function runAll(suites: readonly Suite[], grep: string | undefined): Promise<Result[]> {
  const unit = suites.filter(({ name }) => name === "unit");
  const beside = suites.filter(({ besideUnit }) => besideUnit === true);
  const others = suites.filter((suite) => !unit.includes(suite) && !beside.includes(suite));
  const first = await Promise.all([runInTurn(beside, grep, unit.length > 0), runInTurn(unit, grep, false)]);
  return [...first.flat(), ...(await runInTurn(others, grep, false))];
}

/**
 * Runs suites one after the other.
 * @param quietly prints what a suite wrote when it has ended, so that it does not mix with that of another
 */
async function runInTurn(suites: readonly Suite[], grep: string | undefined, quietly: boolean): Promise<Result[]> {
  const results: Result[] = [];
  for (const suite of suites) {
    const begin = performance.now();
    if (!quietly) console.log(`\n── ${suite.name} ──`);
    const counts = await runSuite(suite, grep, quietly);
    results.push({ suite, ...counts, seconds: (performance.now() - begin) / 1000 });
  }
  return results;
}

async function runSuite(
  suite: Suite,
  grep: string | undefined,
  quietly: boolean,
): Promise<Omit<Result, "suite" | "seconds">> {
  const mark = `${suite.name}-${process.pid}-${Date.now()}`;
  const env = { ...HUGE_PAGES, ...process.env, [RUN_MARK]: mark, FORCE_COLOR: "0" };
  const [command = "", ...args] = [...suite.command, ...(grep === undefined ? [] : ["--grep", grep])];
  const { code, output, timedOut } = await run(command, args, {
    env,
    timeoutMs: suite.limitMinutes * 60_000,
    echo: !quietly,
  });
  if (quietly) console.log(`\n── ${suite.name} ──\n${output}`);
  await writeFile(path.join(RESULTS, `${suite.name}.log`), output);

  const leftOvers = await endLeftOvers(mark);
  for (const process of leftOvers) console.error(`${suite.name} left a process behind: ${process}`);
  if (timedOut) console.error(`${suite.name} took longer than ${suite.limitMinutes} min and was stopped.`);

  if (suite.counts === "one") {
    const ok = code === 0 && leftOvers.length === 0;
    return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, failures: ok ? "" : output.trimEnd() };
  }
  const counts = parseCounts(output) ?? { passed: 0, failed: 0 };
  if (counts.passed + counts.failed === 0) console.error(`${suite.name} ran no test.`);
  const broken = leftOvers.length > 0 || timedOut || (counts.failed === 0 && (code !== 0 || counts.passed === 0));
  return { ...counts, failed: counts.failed + (broken ? 1 : 0), failures: failuresIn(output) };
}

/** The suites that are asked for. @throws Error with what is wrong with the command line */
function readArguments(): { readonly suites: readonly Suite[]; readonly grep: string | undefined } {
  const { values, positionals } = parseArgs({ options: { grep: { type: "string" } }, allowPositionals: true });
  const unknown = positionals.filter((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    throw new Error(`There is no suite ${unknown.join(", ")}. There are: ${namesOf(SUITES)}.`);
  }
  const { grep } = values;
  const named = SUITES.filter(({ name }) => positionals.includes(name));
  const usual = SUITES.filter(({ onRequest }) => onRequest !== true);
  if (grep === undefined) return { suites: named.length > 0 ? named : usual, grep };
  const greppable = SUITES.filter(({ greps }) => greps === true);
  if (!named.every((suite) => greppable.includes(suite))) {
    throw new Error(`--grep works with ${namesOf(greppable)} only.`);
  }
  return { suites: named.length > 0 ? named : greppable.filter((suite) => usual.includes(suite)), grep };
}

function namesOf(suites: readonly Suite[]): string {
  return suites.map(({ name }) => name).join(", ");
}

async function main(): Promise<number> {
  let suites: readonly Suite[];
  let grep: string | undefined;
  try {
    ({ suites, grep } = readArguments());
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  await build(suites);
  await rm(RESULTS, { recursive: true, force: true });
  await mkdir(RESULTS, { recursive: true });

  const results = await runAll(suites, grep);
  const total = { passed: 0, failed: 0, unstable: 0 };
  // Once more at the end: a log that is cut keeps its last lines.
  for (const { suite, failed, failures } of results) {
    if (failures !== "") console.log(`\n── ${failed > 0 ? "failed" : "failed once"} in ${suite.name} ──\n${failures}`);
  }
  console.log();
  for (const { suite, passed, failed, unstable = 0, seconds } of results) {
    const [ok, bad, time] = [String(passed).padStart(4), String(failed).padStart(3), seconds.toFixed(0).padStart(4)];
    console.log(`${suite.name.padEnd(11)} ${ok} passed ${bad} failed ${time} s`);
    total.passed += passed;
    total.failed += failed;
    total.unstable += unstable;
  }
  if (total.unstable > 0) console.log(`\n${total.unstable} of them passed in one of two runs only (see above).`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

exitWith(main());
