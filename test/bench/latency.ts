/**
 * `npm run bench:editor`: what a person notices, measured in the real editor with the packaged extension and the bundled model: from key
 * to ghost text, with the diagnostics panel closed and open, how long the extension host's event loop is held, with completions on and
 * off, and memory. Each text is typed with every setting, in turn, in one session.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { exitWith } from "../harness/exit";
import { packageExtension } from "../harness/vsix";
import { EditorSession, type KeyTime, PATIENCE_MS, type Phase, type Setting, type Text } from "./editorSession";
import { type Stretch, stretchesOf } from "./hostProfile";

const RESULTS = path.resolve("test-results/bench-editor");

const TEXTS: readonly Text[] = [
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

/** For each text, in turn. The very first is without a model: what comes later is compared with that memory. */
const ORDERS: readonly (readonly Setting[])[] = [
  ["off", "on", "panel"],
  ["panel", "on", "off"],
  ["on", "off", "panel"],
];

/** Median, 95th percentile and count. */
function summarise(times: readonly number[]): { median: number; p95: number; count: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return { median: at(0.5), p95: at(0.95), count: sorted.length };
}

const withText = (keys: readonly KeyTime[]) => keys.filter((key): key is Required<KeyTime> => key.ms !== undefined);
const times = (keys: readonly Required<KeyTime>[]) => summarise(keys.map(({ ms }) => ms));

function latencyOf(keys: readonly KeyTime[]) {
  const shown = withText(keys);
  return {
    all: times(shown),
    renewed: times(shown.filter(({ along }) => !along)),
    typedAlong: times(shown.filter(({ along }) => along)),
    withoutSuggestion: keys.length - shown.length,
  };
}

/** The longest of the stretches that began in one of the phases, the longest first. */
function longest(stretches: readonly Stretch[], phases: readonly Phase[]): readonly Stretch[] {
  return stretches
    .filter(({ at }) => phases.some(({ begin, end }) => at >= begin && at <= end))
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, 10);
}

function printLatency(setting: Setting, keys: readonly KeyTime[]): void {
  const { all, renewed, typedAlong, withoutSuggestion } = latencyOf(keys);
  const panel = setting === "panel" ? "open" : "closed";
  console.log(`From key to ghost text, the diagnostics panel ${panel}, ${keys.length} keys:`);
  const row = (name: string, { median, p95, count }: { median: number; p95: number; count: number }) =>
    console.log(`  ${name.padEnd(25)} median ${median.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, ${count} keys`);
  row("all", all);
  row("a new suggestion", renewed);
  row("typed along a suggestion", typedAlong);
  console.log(`  no suggestion within ${PATIENCE_MS} ms: ${withoutSuggestion} keys`);
}

function printStretches(title: string, stretches: readonly Stretch[]): void {
  console.log(`  ${title} ${stretches.map(({ ms }) => ms.toFixed(1)).join(", ")}`);
  for (const { ms, functions } of stretches.slice(0, 3)) console.log(`    ${ms.toFixed(1)}: ${functions}`);
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
  const held = Object.fromEntries(
    settings.map((setting) => {
      return [setting, { host: longest(busy, of(setting)), own: longest(own, of(setting)) }] as const;
    }),
  );
  console.log("How long the extension host's event loop was held at a time, in ms, by all that runs in it:");
  for (const setting of settings) printStretches(names[setting], held[setting]?.host ?? []);
  console.log("… and by this extension:");
  for (const setting of settings) printStretches(names[setting], held[setting]?.own ?? []);

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
