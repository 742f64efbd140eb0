import "mocha/mocha.js";
import * as vscode from "vscode";
import { grepSetting } from "../harness/hostOptions";
import { reportTests } from "../harness/hostReporter";
import { formatCounts, runMocha } from "../harness/results";
import { SLOW_MACHINE } from "../harness/slowMachine";

/** Called by the editor (`extensionTestsPath`) in the web worker extension host. */
export async function run(): Promise<void> {
  mocha.setup({ ui: "bdd", timeout: 60_000 * SLOW_MACHINE, reporter: Mocha.reporters.Base });
  const grep = vscode.workspace.getConfiguration().get(grepSetting, "");
  mocha.grep(new RegExp(grep, "i"));
  await import("./all");
  const counts = await runMocha(mocha, reportTests);
  console.log(formatCounts(counts));
  if (counts.failed > 0) throw new Error(`${counts.failed} tests failed.`);
}
