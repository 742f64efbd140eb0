import { setTimeout as sleep } from "node:timers/promises";
import { ServerBackend } from "../../../src/backend/server/serverBackend";
import type { ServerSettings } from "../../../src/backend/server/settings";
import { Completer } from "../../../src/completion/core/completer";
import { readSettings } from "../../../src/completion/core/settings";
import { refusal } from "../../../src/completion/core/trigger";
import { seededRandom } from "../../../src/generation/sampling/random";
import { percentile } from "../../eval/metrics";
import { printTable } from "../table";
import { type TypedFile, typedFiles } from "../typingFiles";
import { keySituation, Writer } from "../writer";

export interface ServerBenchOptions {
  readonly settings: ServerSettings;
  readonly people: number;
  readonly seconds: number;
  readonly seed: number;
}

/** What happened to the keys of all people. Times in milliseconds. */
export interface ServerFigures {
  readonly server: string;
  readonly people: number;
  readonly seconds: number;
  readonly keys: number;
  /** For text, and for the scores of lines. */
  readonly requests: number;
  /** Keys that had an answer before the next one; it may be that nothing is suggested. */
  readonly answered: number;
  readonly errors: readonly string[];
  /** Tokens that the server generated for answers that were read to their end. */
  readonly tokensPerSecond: number;
  /** From the key to the suggestion, of the keys that got one or a clear none. */
  readonly latency: Percentiles;
  readonly firstToken: Percentiles;
  readonly network: Percentiles;
  /** The share of the prompts' tokens that were in the server's cache, where it says so. */
  readonly cached: number;
  /** Slots that are at work for good after everybody has stopped; undefined where the server does not say. */
  readonly slotsLeftRunning: number | undefined;
}

type Percentiles = Readonly<Record<"p50" | "p90" | "p99", number>>;

const editor = { ...readSettings({ get: (_key, fallback) => fallback }), idleWork: false };
/** VS Code waits so long after a key before it asks. */
const editorDelayMs = 50;
/** Between two keys: from the least on, exponentially distributed around the mean of somebody who types 60 words a minute. */
const leastMs = 60;
const meanMs = 200;
/** Milliseconds for the server to notice what was aborted. */
const settleMs = 15_000;

/** Lets people type on one server, each in a file and a rhythm of their own. */
export async function benchServer(options: ServerBenchOptions): Promise<{ server: ServerFigures }> {
  const files = await typedFiles(false);
  const tally: Tally = { keys: 0, requests: 0, answered: 0, errors: [], latencies: [], timings: [] };
  const endsAt = Date.now() + 1000 * options.seconds;
  const started = performance.now();
  const people = Array.from({ length: options.people }, (_, i) => {
    const file = files[i % files.length];
    return file ? typeUntil(endsAt, file, options, i, tally) : Promise.resolve();
  });
  await Promise.all(people);
  const seconds = (performance.now() - started) / 1000;
  const figures = summarize(tally, options, seconds, await slotsLeftBusy(options.settings));
  print(figures);
  return { server: figures };
}

interface Tally {
  keys: number;
  requests: number;
  answered: number;
  readonly errors: string[];
  readonly latencies: number[];
  readonly timings: {
    readonly firstTokenMs: number;
    readonly networkMs?: number;
    readonly newTokens: number;
    readonly promptTokens: number;
    readonly cachedTokens: number;
  }[];
}

async function typeUntil(
  endsAt: number,
  file: TypedFile,
  { settings, seed }: ServerBenchOptions,
  person: number,
  tally: Tally,
): Promise<void> {
  const random = seededRandom(seed + 1000 * person);
  const ignore = () => undefined;
  const backend = new ServerBackend({
    settings,
    fetch: (url, init) => fetch(url, init),
    onSend: () => tally.requests++,
    log: { info: ignore, warn: ignore },
  });
  const finished = backend.onDidFinish((timings) => tally.timings.push(timings));
  using completer = new Completer({ backend, onFailure: (error) => tally.errors.push(String(error)) });
  let signal = new AbortController();
  const facts = { ...file, document: `${file.path} ${person}` };
  while (Date.now() < endsAt) {
    const writer = new Writer(file.text, facts, random);
    for (const step of writer.write()) {
      if (Date.now() >= endsAt) break;
      signal.abort();
      signal = new AbortController();
      if (step === "key") void press(completer, writer, signal.signal, tally);
      await sleep(leastMs - (meanMs - leastMs) * Math.log(1 - random()));
    }
  }
  signal.abort();
  completer.stop();
  finished[Symbol.dispose]();
}

async function press(completer: Completer, writer: Writer, signal: AbortSignal, tally: Tally): Promise<void> {
  const { cursor } = writer;
  const { languageId, lineRest } = cursor;
  tally.keys++;
  if (refusal({ ...keySituation, ...editor, languageId, lineRest })) return;
  const isCurrent = () => !signal.aborted;
  const pressed = performance.now();
  await sleep(editorDelayMs);
  if (isCurrent()) await completer.complete(cursor, editor, signal);
  if (!isCurrent()) return;
  tally.answered++;
  tally.latencies.push(performance.now() - pressed);
}

/** Slots that are busy after a loaded server has had the time to notice what was aborted last. */
async function slotsLeftBusy(settings: ServerSettings): Promise<number | undefined> {
  const endsAt = Date.now() + settleMs;
  for (;;) {
    const busy = await busySlots(settings);
    if (busy === undefined || busy === 0 || Date.now() > endsAt) return busy;
    await sleep(250);
  }
}

/** llama.cpp's server lists its slots, and whether they are at work. */
async function busySlots({ url, headers, key }: ServerSettings): Promise<number | undefined> {
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const response = await fetch(new URL("slots", url), { headers: { ...headers, ...authorization } }).catch(
    () => undefined,
  );
  if (response?.ok !== true) return undefined;
  const slots = (await response.json()) as readonly { readonly is_processing?: boolean }[];
  return slots.filter(({ is_processing: isProcessing }) => isProcessing).length;
}

function summarize(
  tally: Tally,
  { settings, people }: ServerBenchOptions,
  seconds: number,
  slotsLeftRunning: number | undefined,
): ServerFigures {
  const { timings, keys, requests, answered, errors } = tally;
  const sum = (value: (one: Tally["timings"][number]) => number) => timings.reduce((all, one) => all + value(one), 0);
  return {
    server: settings.url.host,
    ...{ people, seconds, keys, requests, answered, errors: [...new Set(errors)] },
    tokensPerSecond: sum(({ newTokens }) => newTokens) / seconds,
    latency: percentiles(tally.latencies),
    firstToken: percentiles(timings.map(({ firstTokenMs }) => firstTokenMs)),
    network: percentiles(timings.flatMap(({ networkMs }) => networkMs ?? [])),
    cached:
      sum(({ cachedTokens }) => cachedTokens) /
      Math.max(
        1,
        sum(({ promptTokens }) => promptTokens),
      ),
    slotsLeftRunning,
  };
}

function percentiles(values: readonly number[]): Percentiles {
  const at = (p: number) => (values.length === 0 ? 0 : percentile(values, p));
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

function print(figures: ServerFigures): void {
  const { server, people, seconds, keys, requests, answered, errors, tokensPerSecond, cached, slotsLeftRunning } =
    figures;
  const times = (["latency", "firstToken", "network"] as const).map((name) => {
    const { p50, p90, p99 } = figures[name];
    return [name, p50, p90, p99];
  });
  printTable(`${people} people typing on ${server} for ${Math.round(seconds)} s, ms`, ["", "p50", "p90", "p99"], times);
  console.log(
    `\n  ${keys} keys, ${requests} requests (${(requests / seconds).toFixed(1)}/s), ${answered} keys answered before the next one`,
  );
  console.log(`  ${tokensPerSecond.toFixed(1)} tokens/s, ${(100 * cached).toFixed(1)} % of the prompts' tokens cached`);
  console.log(
    `  errors: ${errors.length === 0 ? "none" : errors.join("; ")}; slots left running: ${slotsLeftRunning ?? "not known"}`,
  );
}
