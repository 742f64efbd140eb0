/** `npm test`: every suite, or those that are named. The last line says how many tests passed and failed. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { exitWith } from "./exit";
import { endLeftOvers, RUN_MARK } from "./leftOvers";
import { run } from "./processes";
import { parseCounts, type Counts } from "./results";
import { SUITES, type Suite } from "./suites";

const RESULTS = path.resolve("test-results");

async function runSuite(suite: Suite): Promise<Counts> {
  const mark = `${suite.name}-${process.pid}-${Date.now()}`;
  const env = { ...process.env, [RUN_MARK]: mark, FORCE_COLOR: "0" };
  const [command = "", ...args] = suite.command;
  const { code, output, timedOut } = await run(command, args, {
    env,
    timeoutMs: suite.limitMinutes * 60_000,
    echo: true,
  });
  await writeFile(path.join(RESULTS, `${suite.name}.log`), output);

  const leftOvers = await endLeftOvers(mark);
  for (const process of leftOvers) console.error(`${suite.name} left a process behind: ${process}`);
  if (timedOut) console.error(`${suite.name} took longer than ${suite.limitMinutes} min and was stopped.`);

  if (suite.counts === "one") {
    const ok = code === 0 && leftOvers.length === 0;
    return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
  }
  const counts = parseCounts(output) ?? { passed: 0, failed: 0 };
  if (counts.passed + counts.failed === 0) console.error(`${suite.name} ran no test.`);
  const broken = leftOvers.length > 0 || timedOut || (counts.failed === 0 && (code !== 0 || counts.passed === 0));
  return { passed: counts.passed, failed: counts.failed + (broken ? 1 : 0) };
}

async function main(): Promise<number> {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    console.error(
      `There is no suite ${unknown.join(", ")}. There are: ${SUITES.map((suite) => suite.name).join(", ")}.`,
    );
    return 2;
  }
  await rm(RESULTS, { recursive: true, force: true });
  await mkdir(RESULTS, { recursive: true });

  const lines: string[] = [];
  const total = { passed: 0, failed: 0 };
  for (const suite of SUITES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    console.log(`\n── ${suite.name} ──`);
    const begin = performance.now();
    const { passed, failed } = await runSuite(suite);
    const seconds = ((performance.now() - begin) / 1000).toFixed(0);
    lines.push(
      `${suite.name.padEnd(9)} ${String(passed).padStart(4)} passed ${String(failed).padStart(3)} failed ${seconds.padStart(4)} s`,
    );
    total.passed += passed;
    total.failed += failed;
  }
  console.log(`\n${lines.join("\n")}\n\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

exitWith(main());
