import * as vscode from "vscode";
import { grepSetting } from "../harness/hostOptions";
import { reportTests } from "../harness/hostReporter";
import { formatOutcome, outermostSuite, watchOutcomes, type Outcome } from "../harness/outcomes";
import { formatCounts, runMocha } from "../harness/results";
import { judge } from "../harness/secondRun";

/** Runs the tests that the setting of the harness names, and writes to the console what came of them. */
export async function runHostTests(mocha: {
  grep(titles: RegExp): unknown;
  run(done: (failures: number) => void): Mocha.Runner;
}): Promise<void> {
  const grep = new RegExp(vscode.workspace.getConfiguration().get(grepSetting, ""), "i");
  mocha.grep(grep);
  await import("./all");
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
