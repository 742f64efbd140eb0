/**
 * `npm run bench:odd-files [-- WORD]`: types in big and odd files in the real editor, with the packaged extension, and prints how long
 * its code held the extension host's event loop at a time, and how much of that was CPU time.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CodeServer } from "../harness/codeServer";
import { exitWith } from "../harness/exit";
import { TemporaryFolder } from "../harness/processes";
import { packageExtension, VSIX } from "../harness/vsix";
import { Workbench } from "../harness/workbench";
import { layOutProbe, stopProbe } from "./editorSession";
import { stretchesOf } from "./hostProfile";

const RESULTS = path.resolve("test-results/bench-odd-files");
const TYPED = "total = sum(";
const KEY_MS = 90;

const line = "value = compute(alpha, beta)\n";

/** Lines with an empty one between them: within a line that goes on after the cursor, nothing is asked of the model. */
const around = (before: string, after: string): string => `${before}\n${after}`;

/**
 * The files, and the line and column at which is typed. They are named as Python: the editor has no language server for that, which would
 * take the processor for minutes. It needs as long itself for some 100,000 brackets in a line.
 */
const FILES: readonly {
  readonly name: string;
  readonly text: string;
  readonly line: number;
  readonly column: number;
}[] = [
  { name: "usual.py", text: around(line.repeat(99), line.repeat(100)), line: 100, column: 1 },
  {
    name: "fiveMegabytes.py",
    text: around(line.repeat(59_999), line.repeat(120_000)),
    line: 60_000,
    column: 1,
  },
  { name: "longLine.py", text: `${"call(one, two); ".repeat(12_500)}\n`, line: 1, column: 200_001 },
  { name: "brackets.py", text: `${"({[".repeat(6_667)}\n\n`, line: 2, column: 1 },
  { name: "blanks.py", text: `${" ".repeat(200_000)}\n${"\n".repeat(50_000)}`, line: 2, column: 1 },
  {
    name: "binary.py",
    text: `${Array.from({ length: 200_000 }, (_, i) => String.fromCharCode(32 + ((i * 7919 + (i >> 3)) % 224))).join("")}\n\n`,
    line: 2,
    column: 1,
  },
  {
    name: "tool.py",
    text: around(`    ${line}`.repeat(4999), `    ${line}`.repeat(5001)),
    line: 5000,
    column: 1,
  },
];

/** What is done in a file, from `begin` to `end` in milliseconds since 1970. */
interface Phase {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

async function typeIn(workbench: Workbench, file: (typeof FILES)[number]): Promise<Phase> {
  await workbench.openFile(file.name);
  await workbench.goTo(file.line, file.column);
  await sleep(1500);
  const begin = Date.now();
  if (file.name === "tool.py") await workbench.command("Convert Indentation to Tabs");
  for (const key of TYPED) {
    await workbench.press(key === " " ? "Space" : key);
    await sleep(KEY_MS);
  }
  await sleep(1500);
  return { name: file.name, begin, end: Date.now() };
}

async function main(): Promise<number> {
  const [word = ""] = process.argv.slice(2);
  const files = FILES.filter(({ name }) => name.includes(word));
  await packageExtension();
  await rm(RESULTS, { recursive: true, force: true });
  await mkdir(RESULTS, { recursive: true });
  await using workspace = await TemporaryFolder.create("gpt2-odd-files");
  for (const { name, text } of FILES) await writeFile(path.join(workspace.path, name), text);
  await using probe = await TemporaryFolder.create("gpt2-probe");
  await layOutProbe(probe.path);
  const probeFile = path.join(probe.path, "probe");
  const env = { GPT2_PROBE_FILE: probeFile };
  await using server = await CodeServer.start({ vsix: VSIX, testDriver: true, logFolder: RESULTS, env });
  const url = server.url(workspace.path, [["extensionDevelopmentPath", server.remoteUri(probe.path)]]);
  await using workbench = await Workbench.open(url);
  await workbench.statusItem.waitFor({ timeout: 60_000 });
  const phases: Phase[] = [];
  // Code that has never run yet is slow: the first file is typed in twice, and counts once.
  for (const file of [FILES[0], ...files]) {
    if (!file) continue;
    console.log(`Typing in ${file.name} …`);
    phases.push(await typeIn(workbench, file));
  }
  await workbench.screenshot(path.join(RESULTS, "end.png"));
  const profile = await stopProbe(probeFile);
  const { own } = stretchesOf(profile, "gpt2-vscode.gpt2-vscode");
  for (const { name, begin, end } of phases.slice(1)) {
    const found = own.filter(({ at }) => at >= begin && at <= end).toSorted((a, b) => b.cpuMs - a.cpuMs);
    const longest = found.slice(0, 5).map(({ cpuMs }) => cpuMs.toFixed(1));
    console.log(`${name.padEnd(18)} ${found.length} tasks, longest ${longest.join(", ")} ms of CPU`);
    for (const { ms, cpuMs, functions } of found.slice(0, 3))
      console.log(`    ${cpuMs.toFixed(1)} of ${ms.toFixed(1)}: ${functions}`);
  }
  return 0;
}

exitWith(main());
