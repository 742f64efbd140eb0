/**
 * `npm start`: the extension, with the bundled model, on the sample workspace in a VS Code: the one on the PATH, else a
 * code-server in the browser. `--browser` takes code-server in any case; `--smoke` also looks by itself whether ghost text
 * comes, and ends.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CodeServer } from "./codeServer";
import { exitWith } from "./exit";
import { run } from "./processes";
import { copySample, SAMPLE, SampleWorkspace } from "./sampleWorkspace";
import { packageExtension, VSIX } from "./vsix";
import { Workbench } from "./workbench";

const flags = new Set(process.argv.slice(2));

/** Opens the `code` on the PATH, if there is one. */
async function startDesktop(): Promise<boolean> {
  const code = process.platform === "win32" ? "code.cmd" : "code";
  if ((await run(code, ["--version"], { timeoutMs: 20_000 })).code !== 0) return false;
  // The window lives on when this command has ended, and so does its workspace.
  const folder = await mkdtemp(path.join(tmpdir(), "gpt2-sample-"));
  await copySample(folder);
  const development = `--extensionDevelopmentPath=${path.resolve(".")}`;
  const opened = await run(code, [development, "--new-window", "--disable-workspace-trust", folder], {
    timeoutMs: 60_000,
  });
  if (opened.code !== 0) return false;
  console.log(`Opened VS Code on ${folder}. Open src/cart.ts there and type.`);
  return true;
}

async function startBrowser(): Promise<void> {
  await packageExtension();
  const results = flags.has("--smoke") ? path.resolve("test-results/start") : undefined;
  await using workspace = await SampleWorkspace.create();
  await using server = await CodeServer.start({ vsix: VSIX, ...(results && { logFolder: results }) });
  const url = server.url(workspace.folder);
  console.log(`VS Code with GPT-2 completions is at\n\n  ${url}\n\nOpen src/cart.ts there and type. Ctrl-C ends it.`);
  if (results) await smoke(url, results);
  else while (server.running) await sleep(500);
}

async function smoke(url: string, results: string): Promise<void> {
  await using workbench = await Workbench.open(url);
  await workbench.statusItem.waitFor({ timeout: 60_000 });
  await workbench.openFile(SAMPLE.file);
  await workbench.goTo(SAMPLE.line);
  await workbench.type(SAMPLE.typed);
  await workbench.waitForGhostText();
  await workbench.screenshot(path.join(results, "start.png"));
  console.log("Ghost text came.");
}

async function main(): Promise<number> {
  if (flags.has("--smoke") || flags.has("--browser") || !(await startDesktop())) await startBrowser();
  return 0;
}

exitWith(main());
