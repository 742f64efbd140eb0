/**
 * `npm run bench:editor`: what a person notices, measured in the real editor with the packaged extension and the bundled model: from key
 * to ghost text, beside a file and beside the diagnostics panel, how long the extension host's event loop is held, with completions on and
 * off, and memory. Each text is typed with every setting, in turn, in one session.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { exitWith } from "../harness/exit";
import { packageExtension } from "../harness/vsix";
import { EditorSession, type KeyTime, PATIENCE_MS, type Phase, type Setting, type Text } from "./editorSession";
import type { HostSample } from "./hostProbe";
import { type Stretch, stretchesOf } from "./hostProfile";

const RESULTS = path.resolve("test-results/bench-editor");

const TEXTS: readonly Text[] = [
  {
    file: "src/cart.ts",
    line: 32,
    text: "\n  find(name: string): Item | undefined {\n    return this.items.find((item) => item.name === name);\n  }\n",
  },
  { file: "src/clock.js", line: 19, text: "\n  reset() {\n    this.start = this.now();\n    return this;\n  }\n" },
  {
    file: "tools/report.py",
    line: 15,
    text: "\n\ndef average(rows, column):\n    return total(rows, column) / len(rows)\n",
  },
];

/** For each text, in turn. The very first is without a model: what comes later is compared with that memory. */
const ORDERS: readonly (readonly Setting[])[] = [
  ["off", "on", "panel"],
  ["panel", "on", "off"],
  ["on", "off", "panel"],
];

/** Median, 95th percentile and count. */
function summarize(times: readonly number[]): { median: number; p95: number; count: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return { median: at(0.5), p95: at(0.95), count: sorted.length };
}

const withText = (keys: readonly KeyTime[]) => keys.filter((key): key is Required<KeyTime> => key.ms !== undefined);
const times = (keys: readonly Required<KeyTime>[]) => summarize(keys.map(({ ms }) => ms));

function latencyOf(keys: readonly KeyTime[]) {
  const shown = withText(keys);
  return {
    all: times(shown),
    renewed: times(shown.filter(({ along }) => !along)),
    typedAlong: times(shown.filter(({ along }) => along)),
    afterPause: times(shown.filter(({ afterPause }) => afterPause)),
    quick: times(shown.filter(({ afterPause }) => !afterPause)),
    withoutSuggestion: keys.length - shown.length,
  };
}

/** A stretch, and the CPU time that the event loop's thread had in the meantime at most: on a busy machine, threads stand in a queue. */
interface Held extends Stretch {
  readonly cpuMs: number;
}

/** The stretches that began in one of the phases, the longest first. */
function heldIn(phases: readonly Phase[], stretches: readonly Stretch[], samples: readonly HostSample[]): Held[] {
  return stretches
    .filter(({ at }) => phases.some(({ begin, end }) => at >= begin && at <= end))
    .map((stretch) => {
      const end = stretch.at + stretch.ms;
      const periods = samples.filter((sample, i) => sample.at >= stretch.at && (samples[i - 1]?.at ?? 0) <= end);
      return {
        ...stretch,
        cpuMs: Math.min(
          stretch.ms,
          periods.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
        ),
      };
    })
    .toSorted((a, b) => b.cpuMs - a.cpuMs);
}

function printLatency(setting: Setting, keys: readonly KeyTime[]): void {
  const { all, renewed, typedAlong, afterPause, quick, withoutSuggestion } = latencyOf(keys);
  const beside = setting === "panel" ? "the diagnostics panel" : "a file";
  console.log(`From key to ghost text, beside ${beside}, ${keys.length} keys:`);
  const row = (name: string, { median, p95, count }: { median: number; p95: number; count: number }) =>
    console.log(`  ${name.padEnd(25)} median ${median.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, ${count} keys`);
  row("all", all);
  row("a new suggestion", renewed);
  row("typed along a suggestion", typedAlong);
  row("right after another key", quick);
  row("after a moment's thought", afterPause);
  console.log(`  no suggestion within ${PATIENCE_MS} ms: ${withoutSuggestion} keys`);
}

function printHeld(title: string, held: readonly Held[]): void {
  const sorted = held.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? NaN).toFixed(1);
  const longest = held.slice(0, 5).map(({ ms, cpuMs }) => `${cpuMs.toFixed(1)} (${ms.toFixed(1)})`);
  console.log(
    `  ${title.padEnd(17)} ${held.length} times, median ${at(0.5)}, 99 % under ${at(0.99)}; longest ${longest.join(", ")}`,
  );
  for (const { cpuMs, functions } of held.slice(0, 2)) console.log(`    ${cpuMs.toFixed(1)}: ${functions}`);
}

async function main(): Promise<number> {
  await packageExtension();
  await rm(RESULTS, { recursive: true, force: true });
  await mkdir(RESULTS, { recursive: true });
  await using session = await EditorSession.start(RESULTS);
  const phases: Phase[] = [];
  for (const [i, text] of TEXTS.entries()) {
    for (const setting of ORDERS[i] ?? []) {
      phases.push(await session.type(text, setting));
      // Code that has never run yet is slow: that is nobody's.
      if (phases.length === 1) await session.type({ ...text, text: text.text.slice(0, 30) }, "on");
    }
  }
  await session.screenshot(path.join(RESULTS, "end.png"));
  const { samples, profile } = await session.record();
  const of = (setting: Setting) => phases.filter((phase) => phase.setting === setting);
  const keysOf = (setting: Setting) => of(setting).flatMap(({ keys }) => keys);

  console.log(`${availableParallelism()} cores.`);
  printLatency("on", keysOf("on"));
  printLatency("panel", keysOf("panel"));

  const { busy, own } = stretchesOf(profile, "gpt2-vscode.gpt2-vscode");
  const settings = ["off", "on", "panel"] as const;
  const names = { off: "completions off:", on: "completions on:", panel: "on, panel open:" };
  console.log(
    "How long the extension host's event loop was held at a time, in ms; of the longest, CPU time (and time):",
  );
  const held: Record<string, Held[]> = {};
  for (const [who, stretches] of Object.entries({ "by all extensions": busy, "by this one": own })) {
    console.log(` ${who}`);
    for (const setting of settings) {
      const found = heldIn(of(setting), stretches, samples);
      printHeld(names[setting], found);
      held[`${who}, ${setting}`] = found.slice(0, 20);
    }
  }

  const [first] = phases;
  const rss = (until: number) => samples.findLast(({ at }) => at <= until)?.rss ?? 0;
  const memory = {
    withoutModel: rss(first?.end ?? 0),
    withModel: rss(Infinity),
    most: Math.max(...samples.map((sample) => sample.rss)),
  };
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log("Memory of the extension host's process:");
  console.log(`  before the model was opened: ${megabytes(memory.withoutModel)}`);
  console.log(`  after all typing: ${megabytes(memory.withModel)}, at most ${megabytes(memory.most)}`);
  const latencyMs = { on: latencyOf(keysOf("on")), panel: latencyOf(keysOf("panel")) };
  const report = { cores: availableParallelism(), latencyMs, heldMs: held, memory };
  await writeFile(path.join(RESULTS, "report.json"), JSON.stringify({ ...report, phases, samples }, undefined, 2));
  await writeFile(path.join(RESULTS, "host.cpuprofile"), JSON.stringify(profile.profile));
  return latencyMs.on.all.count >= 50 ? 0 : 1;
}

exitWith(main());
