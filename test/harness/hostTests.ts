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
import { exitCodeOf, readGrep } from "./mochaFiles";
import { grepIn, parseOutcomes, type Outcome } from "./outcomes";
import { formatCounts, parseCounts } from "./results";
import { SampleWorkspace } from "./sampleWorkspace";
import { groupsToRepeat, judge, reportVerdict } from "./secondRun";
import { Workbench } from "./workbench";

const LIMIT_MS = 19 * 60_000;

/** What an extension host came to. */
interface Run {
  readonly outcomes: readonly Outcome[];
  /** Whether it ran its tests to their end. */
  readonly ended: boolean;
}

/**
 * Runs tests in a new extension host.
 * @param grep expression for the titles of the tests
 * @param results folder for logs and a picture
 */
async function runInHost(host: "node" | "web", grep: string, results: string, limitMs: number): Promise<Run> {
  await using completionServer = await startControlledServer();
  await using workspace = await SampleWorkspace.create();
  await using hub = await tinyHub();
  await using server = await CodeServer.start({
    testDriver: true,
    logFolder: results,
    settings: {
      [serverSetting]: completionServer.url,
      [grepSetting]: grep,
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
  const timer = setTimeout(() => exit(124), limitMs);
  const code = await exited;
  clearTimeout(timer);
  await workbench.screenshot(path.join(results, "end.png"));
  await writeFile(path.join(results, "console.log"), output.join("\n"));
  if (code === 124) console.error(`The tests in the ${host} extension host took longer than ${LIMIT_MS / 60_000} min.`);
  const ended = parseCounts(output.join("\n")) !== undefined;
  if (!ended)
    console.error(`The ${host} extension host did not run all its tests (exit code ${code}); see ${results}.`);
  return { outcomes: parseOutcomes(output), ended };
}

async function main(): Promise<number> {
  const began = performance.now();
  const host = process.argv[2] === "web" ? "web" : "node";
  const results = path.resolve("test-results", `host-${host}`);
  const grep = readGrep() ?? "";
  const first = await runInHost(host, grep, results, LIMIT_MS);
  if (!first.ended) {
    console.log(formatCounts({ passed: 0, failed: 1 }));
    return 1;
  }
  const suites = groupsToRepeat(first.outcomes);
  let second: readonly Outcome[] = [];
  if (suites.length > 0) {
    console.log(`\n  Once more, in a new extension host: ${suites.join(", ")}`);
    const left = Math.max(1, LIMIT_MS - (performance.now() - began));
    second = (await runInHost(host, grepIn(suites, grep), path.join(results, "again"), left)).outcomes;
  }
  const verdict = judge(first.outcomes, second);
  reportVerdict(verdict);
  return exitCodeOf(verdict.counts);
}

exitWith(main());
