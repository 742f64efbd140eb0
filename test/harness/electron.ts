/** `npm run test:electron`: test/host in the desktop VS Code, which @vscode/test-electron downloads. */
import path from "node:path";
import { downloadAndUnzipVSCode, runTests } from "@vscode/test-electron";
import { cacheFolder } from "./cacheFolder";
import { exitWith } from "./exit";
import { SampleWorkspace } from "./sampleWorkspace";

/** Milliseconds without a byte after which the download is given up. */
const DOWNLOAD_IDLE_MS = 30_000;

async function main(): Promise<number> {
  await using workspace = await SampleWorkspace.create();
  let vscodeExecutablePath: string;
  try {
    vscodeExecutablePath = await downloadAndUnzipVSCode({
      version: process.argv[2] ?? "stable",
      cachePath: path.join(cacheFolder(), "vscode"),
      timeout: DOWNLOAD_IDLE_MS,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`The desktop VS Code could not be downloaded (${reason}).`);
    console.error("`npm test -- host host-web` runs the same tests in code-server's VS Code, which comes from npm.");
    return 1;
  }
  return await runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: path.resolve("."),
    extensionTestsPath: path.resolve("dist/test/host/node"),
    launchArgs: [workspace.folder, "--disable-extensions", "--disable-workspace-trust"],
  });
}

exitWith(main());
