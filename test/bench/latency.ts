/**
 * `npm run bench:editor [-- --panel]`: what a person notices, measured in the real editor with the packaged extension and the bundled
 * model: from key to ghost text, how long the extension host's event loop is blocked, and memory. Everything is measured
 * a second time with completions switched off, to know what is the editor's own, and on request a third time with the diagnostics
 * panel open.
 */
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CodeServer } from "../harness/codeServer";
import { exitWith } from "../harness/exit";
import { TemporaryFolder } from "../harness/processes";
import { SampleWorkspace } from "../harness/sampleWorkspace";
import { packageExtension, VSIX } from "../harness/vsix";
import { Workbench } from "../harness/workbench";
import type { HostSample } from "./hostProbe";

const RESULTS = path.resolve("test-results/bench-editor");

/** Keys are at least this far apart: a fast typist. */
const RHYTHM_MS = 150;

/** A key whose ghost text has not come by then counts as one without a suggestion. */
const PATIENCE_MS = 2000;

/** What is written where. */
const TEXTS = [
  {
    file: "src/cart.ts",
    line: 28,
    text: "\n  find(name: string): Item | undefined {\n    return this.items.find((item) => item.name === name);\n  }\n",
  },
  { file: "src/clock.js", line: 19, text: "\n  reset() {\n    this.start = this.now();\n    return this;\n  }\n" },
  {
    file: "tools/report.py",
    line: 15,
    text: "\n\ndef average(rows, column):\n    return total(rows, column) / len(rows)\n",
  },
];

interface KeyTime {
  readonly key: string;
  /** Milliseconds from keydown to the frame with ghost text; undefined when none came. */
  readonly ms?: number;
  /** Whether the key was the next character of the ghost text that was there. */
  readonly along: boolean;
}

interface Run {
  readonly keys: readonly KeyTime[];
  /** Before the first key. */
  readonly idleRssBytes: number;
  readonly finalRssBytes: number;
  readonly peakRssBytes: number;
  /** The longest blocks of the event loop while typing, in ms, the longest first. */
  readonly blocksMs: readonly number[];
  /** The same, each no longer than the CPU time that the thread had then: what remains on a machine that is busy otherwise. */
  readonly ownBlocksMs: readonly number[];
}

/** How the editor is set up for a run: completions off, on, or on beside the open diagnostics panel. */
type Setting = "off" | "on" | "panel";

async function typeEverything(setting: Setting): Promise<Run> {
  const enabled = setting !== "off";
  await using workspace = await SampleWorkspace.create();
  await using probe = await TemporaryFolder.create("gpt2-probe");
  await layOutProbe(probe.path);
  const samples = path.join(probe.path, "samples.jsonl");
  await using server = await CodeServer.start({
    vsix: VSIX,
    testDriver: true,
    logFolder: path.join(RESULTS, setting),
    env: { GPT2_PROBE_FILE: samples },
    settings: {
      "gpt2.inlineCompletions.enabled": enabled,
      "editor.autoClosingBrackets": "never",
      "editor.autoClosingQuotes": "never",
      "editor.autoIndent": "none",
    },
  });
  const url = server.url(workspace.folder, [["extensionDevelopmentPath", server.remoteUri(probe.path)]]);
  await using workbench = await Workbench.open(url, {
    prepare: (page) => page.addInitScript({ path: path.resolve("test/bench/pageProbe.js") }),
  });
  await workbench.statusItem.waitFor({ timeout: 60_000 });
  await workbench.openFile(TEXTS[0]?.file ?? "");
  if (setting === "panel") {
    await workbench.command("GPT-2: Open Diagnostics");
    await workbench.webview().locator("table.candidates").waitFor({ timeout: 60_000 });
  }
  await sleep(5000);
  const begin = Date.now();
  for (const { file, line, text } of TEXTS) {
    await workbench.openFile(file);
    await workbench.goTo(line);
    if (enabled) await openModel(workbench);
    for (const key of text) await typeKey(workbench, key, enabled);
  }
  const keys = await workbench.page.evaluate("gpt2Keys()");
  const all = (await readFile(samples, "utf8")).trim().split("\n");
  const host = all.map((line) => JSON.parse(line) as HostSample);
  const typing = host.filter(({ at }) => at >= begin);
  return {
    keys: keys as KeyTime[],
    idleRssBytes: host.findLast(({ at }) => at < begin)?.rss ?? 0,
    finalRssBytes: typing.at(-1)?.rss ?? 0,
    peakRssBytes: Math.max(...typing.map(({ rss }) => rss)),
    blocksMs: longest(typing.map(({ blockMs }) => blockMs)),
    ownBlocksMs: longest(typing.map(({ blockMs, cpuMs }) => Math.min(blockMs, cpuMs))),
  };
}

function longest(times: readonly number[]): number[] {
  return times.toSorted((a, b) => b - a).slice(0, 10);
}

/** Presses a key and waits for its ghost text, at least {@link RHYTHM_MS}, at most {@link PATIENCE_MS}. */
async function typeKey(workbench: Workbench, key: string, wait: boolean): Promise<void> {
  const begin = performance.now();
  await workbench.press(key === "\n" ? "Enter" : key === " " ? "Space" : key);
  const shown = "gpt2Keys().at(-1).ms !== undefined";
  if (wait) await workbench.page.waitForFunction(shown, undefined, { timeout: PATIENCE_MS }).catch(() => undefined);
  await sleep(Math.max(0, RHYTHM_MS - (performance.now() - begin)));
}

/** Asks for a suggestion once and waits, so that the first key does not pay for opening the model (it is told apart). */
async function openModel(workbench: Workbench): Promise<void> {
  await workbench.command("Trigger Inline Suggestion");
  await sleep(PATIENCE_MS);
}

/** Makes `folder` the extension around hostProbe.ts. */
async function layOutProbe(folder: string): Promise<void> {
  const manifest = {
    name: "host-probe",
    publisher: "gpt2-vscode-bench",
    version: "1.0.0",
    engines: { vscode: "^1.100.0" },
    main: "./hostProbe.js",
    activationEvents: ["*"],
  };
  await writeFile(path.join(folder, "package.json"), JSON.stringify(manifest));
  await copyFile("dist/test/bench/hostProbe.js", path.join(folder, "hostProbe.js"));
}

/** Median, 95th percentile and count. */
function summarise(times: readonly number[]): { median: number; p95: number; count: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return { median: at(0.5), p95: at(0.95), count: sorted.length };
}

async function main(): Promise<number> {
  await packageExtension();
  await rm(RESULTS, { recursive: true, force: true });
  await mkdir(RESULTS, { recursive: true });
  const off = await typeEverything("off");
  const on = await typeEverything("on");
  const panel = process.argv.includes("--panel") ? await typeEverything("panel") : undefined;
  const withText = ({ keys }: Run) => keys.filter((key): key is Required<KeyTime> => key.ms !== undefined);
  const shown = withText(on);
  const times = (keys: readonly Required<KeyTime>[]) => summarise(keys.map(({ ms }) => ms));
  const latency = {
    all: times(shown),
    renewed: times(shown.filter(({ along }) => !along)),
    typedAlong: times(shown.filter(({ along }) => along)),
    withPanel: panel && times(withText(panel).filter(({ along }) => !along)),
    withoutSuggestion: on.keys.length - shown.length,
  };
  const report = {
    cores: availableParallelism(),
    latencyMs: latency,
    blocksMs: { on: on.blocksMs, off: off.blocksMs },
  };
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  const row = (name: string, { median, p95, count }: { median: number; p95: number; count: number }) =>
    console.log(`  ${name.padEnd(28)} median ${median.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, ${count} keys`);
  console.log(`From key to ghost text, ${on.keys.length} keys, ${report.cores} cores:`);
  row("all", latency.all);
  row("a new suggestion", latency.renewed);
  row("typed along a suggestion", latency.typedAlong);
  if (latency.withPanel) row("new, with the panel open", latency.withPanel);
  console.log(`  no suggestion within ${PATIENCE_MS} ms: ${latency.withoutSuggestion} keys`);
  const three = (times: readonly number[]) => times.slice(0, 3).map((ms) => ms.toFixed(1));
  console.log("Longest blocks of the extension host's event loop, in ms (in brackets: of these, its own CPU time):");
  console.log(`  completions on:  ${three(on.blocksMs).join(", ")} (${three(on.ownBlocksMs).join(", ")})`);
  console.log(`  completions off: ${three(off.blocksMs).join(", ")} (${three(off.ownBlocksMs).join(", ")})`);
  console.log("Memory of the extension host's process:");
  console.log(`  model open: ${megabytes(on.finalRssBytes)} after typing, ${megabytes(on.peakRssBytes)} at most`);
  console.log(
    `  completions off: ${megabytes(off.finalRssBytes)} after typing, ${megabytes(off.peakRssBytes)} at most`,
  );
  await writeFile(path.join(RESULTS, "report.json"), JSON.stringify({ ...report, on, off, panel }, undefined, 2));
  console.log(JSON.stringify({ ...report, rssBytes: { on: on.finalRssBytes, off: off.finalRssBytes } }));
  return shown.length >= 50 ? 0 : 1;
}

exitWith(main());
