import { glob, readFile } from "node:fs/promises";
import { indexableText } from "../../src/completion/core/workspace/text";
import { worthReading } from "../../src/completion/core/workspace/worthReading";
import { WorkspaceIndex } from "../../src/completion/core/workspace/workspaceIndex";
import { seededRandom } from "../../src/generation/sampling/random";
import { percentile } from "../eval/metrics";
import { printTable } from "./table";

const megabyte = 1e6;
const budget = 64 << 20;
/** So many files come together, as from the editor. */
const filesAtOnce = 16;

interface File {
  readonly uri: string;
  readonly text: string;
}

/** Where a cursor stands, as what the text before it ends with. */
const places = {
  anywhere: /[^]$/,
  "new line": /\n[ \t]+$/,
  "after a sign": /[(,.=]$/,
  "in a word": /\w{5}$/,
} as const;
type Place = keyof typeof places;

export interface LookupFigures {
  readonly size: number;
  readonly place: string;
  /** Milliseconds. */
  readonly median: number;
  readonly p95: number;
  readonly longest: number;
  /** Of the processor alone, on average: what remains the same on a busy machine, and too coarse a clock for one lookup. */
  readonly cpu: number;
}

export interface BuildFigures {
  /** Bytes of text. */
  readonly bytes: number;
  readonly files: number;
  /** Milliseconds in all, of the processor alone, and for the longest piece of work. */
  readonly total: number;
  readonly cpu: number;
  readonly longestPiece: number;
  /** Bytes. */
  readonly memory: number;
}

/** Indexes the sources of the packages in node_modules, and looks up what stands before places in them. */
export async function benchWorkspaceIndex(options: { readonly quick: boolean; readonly seed: number }) {
  const builds: BuildFigures[] = [];
  const lookups: LookupFigures[] = [];
  for (const size of options.quick ? [20] : [1, 5, 20]) {
    const files = await sources(size * megabyte);
    const { index, figures } = build(files);
    builds.push(figures);
    for (const place of Object.keys(places) as Place[]) {
      lookups.push({ size, place, ...timeLookups(index, files, place, options.quick ? 300 : 1000, options.seed) });
    }
    lookups.push({ size, place: "edited file", ...timeEdits(index, files, options.quick ? 100 : 300, options.seed) });
  }
  printTable(
    "Building the index (budget 64 MB)",
    ["MB of text", "files", "ms", "CPU ms/MB", "longest piece ms", "memory MB", "MB/MB"],
    builds.map(({ bytes, files, total, cpu, longestPiece, memory }) => [
      (bytes / megabyte).toFixed(1),
      files,
      total,
      cpu / (bytes / megabyte),
      longestPiece,
      memory / megabyte,
      memory / bytes,
    ]),
  );
  printTable(
    "Looking up the text before the cursor, ms",
    ["MB of text", "cursor", "median", "p95", "longest", "CPU mean"],
    lookups.map(({ size, place, ...times }) => [
      String(size),
      place,
      times.median,
      times.p95,
      times.longest,
      times.cpu,
    ]),
  );
  return { workspaceIndex: { builds, lookups } };
}

function build(files: readonly File[]): { readonly index: WorkspaceIndex; readonly figures: BuildFigures } {
  const index = new WorkspaceIndex(budget);
  const pieces: Time[] = [];
  for (const [i, { uri, text }] of files.entries()) {
    const content = new TextEncoder().encode(text);
    pieces.push(timed(() => index.set(uri, content)));
    if (i % filesAtOnce === filesAtOnce - 1 || i === files.length - 1) {
      workAll(index, pieces);
    }
  }
  return {
    index,
    figures: {
      bytes: index.bytes,
      files: index.files,
      total: sumOf(pieces, "elapsed"),
      cpu: sumOf(pieces, "cpu"),
      longestPiece: Math.max(...pieces.map(({ elapsed }) => elapsed)),
      memory: index.memory,
    },
  };
}

function workAll(index: WorkspaceIndex, pieces: Time[]): void {
  const isMore = { now: true };
  while (isMore.now) pieces.push(timed(() => (isMore.now = index.work())));
}

/** Places drawn from the files themselves: each has long matches, and its own position is among what is found. */
function timeLookups(index: WorkspaceIndex, files: readonly File[], place: Place, count: number, seed: number) {
  const random = seededRandom(seed);
  const times: Time[] = [];
  while (times.length < count) {
    const file = files[Math.floor(random() * files.length)];
    const at = Math.floor(random() * (file?.text.length ?? 0));
    if (!file || !places[place].test(file.text.slice(Math.max(0, at - 20), at))) continue;
    times.push(timeLookup(index, file, file.text, at));
  }
  return figuresOf(times);
}

/** Types a character and looks up what is before it: the edited file is searched from end to end. */
function timeEdits(index: WorkspaceIndex, files: readonly File[], count: number, seed: number) {
  const random = seededRandom(seed);
  const file = files.find(({ text }) => text.length > 100_000 && text.length < 300_000) ?? files[0];
  if (!file) throw new Error("There are no files to edit.");
  index.open(file.uri, file.text);
  let { text } = file;
  const times = Array.from({ length: count }, () => {
    const at = Math.floor(random() * text.length);
    text = `${text.slice(0, at)}x${text.slice(at)}`;
    const editing = timed(() => index.edit(file.uri, [{ offset: at, length: 0, text: "x" }]));
    const lookup = timeLookup(index, file, text, at + 1);
    return { elapsed: editing.elapsed + lookup.elapsed, cpu: editing.cpu + lookup.cpu };
  });
  index.close(file.uri);
  return figuresOf(times);
}

function timeLookup(index: WorkspaceIndex, { uri }: File, text: string, at: number): Time {
  const query = { uri, prefix: text.slice(Math.max(0, at - 2000), at), suffix: text.slice(at, at + 2000), limit: 32 };
  return timed(() => index.findNow(query));
}

function figuresOf(times: readonly Time[]) {
  const elapsed = times.map((time) => time.elapsed);
  return {
    median: percentile(elapsed, 0.5),
    p95: percentile(elapsed, 0.95),
    longest: Math.max(...elapsed),
    cpu: sumOf(times, "cpu") / times.length,
  };
}

/** In milliseconds. */
interface Time {
  readonly elapsed: number;
  readonly cpu: number;
}

function timed(run: () => void): Time {
  const started = performance.now();
  const before = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(before);
  return { elapsed: performance.now() - started, cpu: (user + system) / 1000 };
}

function sumOf(times: readonly Time[], key: keyof Time): number {
  return times.reduce((sum, time) => sum + time[key], 0);
}

/** Sources of the installed packages, in the order of their paths. @throws Error when there are fewer bytes */
async function sources(bytes: number): Promise<File[]> {
  const files: File[] = [];
  const paths = await Array.fromAsync(glob("node_modules/**/*.{ts,js,mjs,cjs}"));
  for (const path of paths.sort()) {
    if (!worthReading(path)) continue;
    const content = indexableText(await readFile(path).catch(() => new Uint8Array(0)));
    if (!content) continue;
    files.push({ uri: `file:///${path}`, text: new TextDecoder().decode(content) });
    bytes -= content.length;
    if (bytes <= 0) return files;
  }
  throw new Error("node_modules has too few sources. Run npm install.");
}
