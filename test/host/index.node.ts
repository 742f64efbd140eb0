import Mocha from "mocha";
import { SLOW_MACHINE } from "../harness/slowMachine";
import { runHostTests } from "./run";

/** Called by the editor (`extensionTestsPath`) in the Node extension host. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 60_000 * SLOW_MACHINE, reporter: Mocha.reporters.Base });
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  await runHostTests(mocha);
}
