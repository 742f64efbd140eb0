/** Packages the extension and runs test/e2e with it. */
import { exitWith } from "./exit";
import { runTestFiles } from "./mochaFiles";
import { packageExtension } from "./vsix";

async function main(): Promise<number> {
  const bytes = await packageExtension();
  console.log(`The package is ${(bytes / 1e6).toFixed(1)} MB.`);
  return await runTestFiles(["dist/test/e2e/**/*.test.js"], 120_000);
}

exitWith(main());
