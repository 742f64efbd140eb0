/** Runs test/host in a real extension host: `hostTests.js node|web [--grep WORD]`. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { startControlledServer } from "../fixtures/servers/controlled";
import { serverSetting } from "../fixtures/servers/settingName";
import { WEBGPU_ARGS } from "./chromium";
import { CodeServer } from "./codeServer";
import { tinyHub } from "../fixtures/tinyHub";
import { exitWith } from "./exit";
import { grepSetting } from "./hostOptions";
import { HOST_MARK } from "./hostReporter";
import { readGrep } from "./mochaFiles";
import { formatCounts, parseCounts } from "./results";
import { SampleWorkspace } from "./sampleWorkspace";
import { Workbench } from "./workbench";

const LIMIT_MS = 19 * 60_000;

async function main(): Promise<number> {
  const host = process.argv[2] === "web" ? "web" : "node";
  const results = path.resolve("test-results", `host-${host}`);
  await using completionServer = await startControlledServer();
  await using workspace = await SampleWorkspace.create();
  await using hub = await tinyHub();
  await using server = await CodeServer.start({
    testDriver: true,
    logFolder: results,
    settings: {
      [serverSetting]: completionServer.url,
      [grepSetting]: readGrep() ?? "",
      "gpt2.models.endpoint": hub.endpoint,
      ...(host === "web" && { "remote.extensionKind": { "gpt2-vscode.gpt2-vscode": ["web"] } }),
    },
  });
  const output: string[] = [];
  let exit: (code: number) => void = () => undefined;
  const exited = new Promise<number>((resolve) => (exit = resolve));
  const url = server.url(workspace.folder, [
    ["extensionDevelopmentPath", server.remoteUri(".")],
    ["extensionTestsPath", server.remoteUri(`dist/test/host/${host}`)],
  ]);
  await using workbench = await Workbench.open(url, {
    browserArgs: host === "web" ? WEBGPU_ARGS : [],
    prepare: async (page) => {
      await page.exposeFunction("codeAutomationLog", (_type: string, args: unknown[]) => {
        const text = args.map(String).join(" ");
        output.push(text);
        if (text.startsWith(HOST_MARK)) console.log(text.slice(HOST_MARK.length));
      });
      await page.exposeFunction("codeAutomationExit", (code: number) => exit(code));
    },
  });
  const timer = setTimeout(() => exit(124), LIMIT_MS);
  const code = await exited;
  clearTimeout(timer);
  await workbench.screenshot(path.join(results, "end.png"));
  await writeFile(path.join(results, "console.log"), output.join("\n"));
  if (code === 124) console.error(`The tests in the ${host} extension host took longer than ${LIMIT_MS / 60_000} min.`);
  const counts = parseCounts(output.join("\n"));
  if (counts === undefined)
    console.error(`The ${host} extension host ran no tests (exit code ${code}); see ${results}.`);
  console.log(formatCounts(counts ?? { passed: 0, failed: 1 }));
  return counts?.failed === 0 && counts.passed > 0 ? 0 : 1;
}

exitWith(main());
