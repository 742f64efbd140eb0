import * as vscode from "vscode";
import { grepSetting } from "../harness/hostOptions";
import { reportTests } from "../harness/hostReporter";
import { formatOutcome, outermostSuite, watchOutcomes, type Outcome } from "../harness/outcomes";
import { formatCounts, runMocha } from "../harness/results";
import { judge } from "../harness/secondRun";
import { SLOW_MACHINE } from "../harness/slowMachine";

const activationMs = 60_000 * SLOW_MACHINE;

/** Runs the tests that the setting of the harness names, and writes to the console what came of them. */
export async function runHostTests(mocha: {
  grep(titles: RegExp): unknown;
  run(done: (failures: number) => void): Mocha.Runner;
}): Promise<void> {
  const grep = new RegExp(vscode.workspace.getConfiguration().get(grepSetting, ""), "i");
  mocha.grep(grep);
  await import("./all");
  await untilActive();
  let outcomesOf: () => Outcome[] = () => [];
  await runMocha(mocha, (runner) => {
    reportTests(runner);
    outcomesOf = watchOutcomes(runner, grep, outermostSuite);
  });
  const outcomes = outcomesOf();
  for (const outcome of outcomes) console.log(formatOutcome(outcome));
  const { counts } = judge(outcomes);
  console.log(formatCounts(counts));
  if (counts.failed > 0) throw new Error(`${counts.failed} tests failed.`);
}

/** Waits until the extension is active, for whichever test is the first. That it becomes so by itself is one of the tests. */
async function untilActive(): Promise<void> {
  const extension = vscode.extensions.getExtension("gpt2-vscode.gpt2-vscode");
  const deadline = Date.now() + activationMs;
  while (extension?.isActive === false && Date.now() < deadline) await new Promise((done) => setTimeout(done, 100));
}
