/** Packages the extension and runs test/e2e with it: `e2eTests.js [--grep WORD]`. */
import { rm } from "node:fs/promises";
import { installExtension } from "./codeServer";
import { exitWith } from "./exit";
import { readGrep, runTestFiles } from "./mochaFiles";
import { INSTALLED_VSIX, packageExtension, VSIX } from "./vsix";

async function main(): Promise<number> {
  const bytes = await packageExtension();
  console.log(`The package is ${(bytes / 1e6).toFixed(1)} MB.`);
  await rm(INSTALLED_VSIX, { recursive: true, force: true });
  await installExtension(VSIX, INSTALLED_VSIX);
  return await runTestFiles(["dist/test/e2e/**/*.test.js"], { usualMs: 120_000, grep: readGrep() });
}

exitWith(main());
