import "mocha/mocha.js";
import { SLOW_MACHINE } from "../harness/slowMachine";
import { runHostTests } from "./run";

/** Called by the editor (`extensionTestsPath`) in the web worker extension host. */
export async function run(): Promise<void> {
  mocha.setup({ ui: "bdd", timeout: 60_000 * SLOW_MACHINE, reporter: Mocha.reporters.Base });
  await runHostTests(mocha);
}
