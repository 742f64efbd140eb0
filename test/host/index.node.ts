import Mocha from "mocha";
import { reportTests } from "../harness/hostReporter";
import { formatCounts, runMocha } from "../harness/results";

/** Called by the editor (`extensionTestsPath`) in the Node extension host. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 60_000, reporter: Mocha.reporters.Base });
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  await import("./all");
  const counts = await runMocha(mocha, reportTests);
  console.log(formatCounts(counts));
  if (counts.failed > 0) throw new Error(`${counts.failed} tests failed.`);
}
