/** Packages the extension and runs test/e2e with it: `e2eTests.js [--grep WORD]`. */
import { exitWith } from "./exit";
import { readGrep, runTestFiles } from "./mochaFiles";
import { packageExtension } from "./vsix";

async function main(): Promise<number> {
  const bytes = await packageExtension();
  console.log(`The package is ${(bytes / 1e6).toFixed(1)} MB.`);
  return await runTestFiles(["dist/test/e2e/**/*.test.js"], { timeoutMs: 120_000, grep: readGrep() });
}

exitWith(main());
