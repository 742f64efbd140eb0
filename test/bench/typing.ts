import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BackendDescription, BackendState, GhostTextBackend } from "../../src/backend/backend";
import { LocalBackend } from "../../src/backend/localBackend";
import { Completer } from "../../src/completion/core/completer";
import { readSettings } from "../../src/completion/core/settings";
import { refusal } from "../../src/completion/core/trigger";
import { EngineClient } from "../../src/engine/client";
import { spawnEngine } from "../../src/engine/host/node";
import type { AlternativesRequest, CompletionRequest, GenerationResult } from "../../src/generation/request";
import { seededRandom } from "../../src/generation/sampling/random";
import { type Aim, aim, printAims } from "./aims";
import { bundledModel } from "./models";
import { PerfectCache } from "./perfectCache";
import { type TypedFile, typedFiles } from "./typingFiles";
import { mergedRecords, printTyping, type Records, summary, type TypingFigures } from "./typingFigures";
import { keySituation, Writer } from "./writer";

export interface TypingBenchOptions {
  /** The first keys of each file only. */
  readonly quick: boolean;
  readonly seed: number;
  /** 0: as the extension chooses. */
  readonly threads: number;
  /** Milliseconds from key to key; undefined: the next key comes when the answer to the last is there. */
  readonly pace: number | undefined;
}

/** Without idle work: what is counted is what the keys cost. */
const settings = { ...readSettings({ get: (_key, fallback) => fallback }), idleWork: false };
const quickKeys = 250;

/** Writes files key by key against the engine in its worker, as the editor would ask it, and prints how long each key waited. */
export async function benchTyping(options: TypingBenchOptions): Promise<{ typing: TypingFigures[]; aims: Aim[] }> {
  const files = await typedFiles(options.quick);
  await using client = new EngineClient({
    spawn: () => spawnEngine({ folder: path.resolve("dist"), read: (name) => readFile(path.resolve("dist", name)) }),
    model: async () => ({
      location: { kind: "path", path: await bundledModel.file() },
      precision: "int8",
      threads: options.threads,
      cacheFolder: undefined,
    }),
    log: { info: () => undefined, warn: console.warn, error: console.error },
  });
  const { info } = await client.describe();
  // What is compiled and allocated at the first request is no key's.
  await writeFile({ ...client0(files), text: "const answer = 42;\n" }, client, options, 20);
  const records: Records[] = [];
  for (const file of files) {
    const record = await writeFile(file, client, options, options.quick ? quickKeys : Infinity);
    records.push(record);
    console.log(`${file.path}: ${record.keys} keys`);
  }
  const typing = [...records.map(summary), summary(mergedRecords(records))];
  const pace = options.pace === undefined ? "each key when the last is answered" : `a key each ${options.pace} ms`;
  printTyping(`Typing, ${bundledModel.name} ${info.precision} T${info.threads}, ${pace}`, typing);
  const all = summary(mergedRecords(records));
  const aims = [
    aim(
      bundledModel.name,
      "typing: tokens computed against the least possible",
      all.computed / all.least,
      undefined,
      1.3,
    ),
    aim(bundledModel.name, "typing: p95 from key to answer, ms", all.p95, undefined, 120),
  ];
  printAims(aims);
  return { typing, aims };
}

function client0([first]: readonly TypedFile[]): TypedFile {
  if (!first) throw new Error("There are no files to write.");
  return { ...first, document: "warm-up", path: "warm-up" };
}

/** The local backend, with a record of every request. */
class RecordingBackend implements GhostTextBackend {
  readonly #cache = new PerfectCache();
  readonly #running = new Set<Promise<unknown>>();

  constructor(
    private readonly client: EngineClient,
    private readonly records: Records,
  ) {}

  get state(): BackendState {
    // What is measured is how much of the model's own text is computed twice, so nothing is ranked.
    const state = new LocalBackend(this.client).state;
    if (state.kind !== "ready") return state;
    const { description } = state;
    const capabilities = { ...description.capabilities, lineScores: false };
    return { kind: "ready", description: { ...description, capabilities } };
  }

  describe(): Promise<BackendDescription> {
    return new LocalBackend(this.client).describe();
  }

  complete(
    request: CompletionRequest,
    options: { readonly signal: AbortSignal; readonly onText: (text: string) => void },
  ): Promise<GenerationResult> {
    this.records.requests++;
    const result = this.client.complete(request, options).then((value) => {
      const { timings } = value;
      this.records.prompts += timings.promptTokens - timings.cachedTokens;
      this.records.texts += Math.max(0, timings.newTokens - 1);
      // What somebody else needs of a request that was ended is counted there.
      if (value.finish === "cancelled") this.records.ended++;
      else this.records.least += this.#cache.add([...value.promptTokens, ...value.tokens.slice(0, -1)]);
      return value;
    });
    this.#running.add(result);
    const done = () => this.#running.delete(result);
    result.then(done, done);
    return result;
  }

  completeAhead(request: CompletionRequest, options: { readonly signal: AbortSignal }): Promise<GenerationResult> {
    return this.client.completeAhead(request, options);
  }

  alternatives(request: AlternativesRequest, options: { readonly signal: AbortSignal }) {
    return this.client.alternatives(request, options);
  }

  scoreLines(): Promise<readonly never[]> {
    return Promise.resolve([]);
  }

  readAhead(request: CompletionRequest, options: { readonly signal: AbortSignal }): Promise<unknown> {
    return this.client.readAhead(request, options);
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#running);
  }
}

async function writeFile(
  file: TypedFile,
  client: EngineClient,
  { seed, pace }: TypingBenchOptions,
  keysAtMost: number,
): Promise<Records> {
  const records: Records = {
    file: file.path,
    keys: 0,
    suggestions: 0,
    requests: 0,
    ended: 0,
    computed: 0,
    least: 0,
    prompts: 0,
    texts: 0,
    waits: [],
    askedWaits: [],
  };
  const computedBefore = (await client.stats())?.computedTokens ?? 0;
  const backend = new RecordingBackend(client, records);
  using completer = new Completer({
    backend,
    onFailure: (error) => {
      throw error;
    },
  });
  const writer = new Writer(file.text, file, seededRandom(seed));
  let last = new AbortController();
  for (const action of writer.write()) {
    if (action !== "key") continue;
    if (records.keys === keysAtMost) break;
    records.keys++;
    const { cursor } = writer;
    last.abort();
    last = new AbortController();
    const { enabled, languages } = settings;
    if (refusal({ ...keySituation, enabled, languages, languageId: file.languageId, lineRest: cursor.lineRest })) {
      completer.stop();
    } else {
      const { signal } = last;
      const before = records.requests;
      const began = performance.now();
      const answer = completer.complete(cursor, settings, signal).then((suggestion) => {
        if (signal.aborted) return;
        const waited = performance.now() - began;
        records.waits.push(waited);
        if (records.requests > before) records.askedWaits.push(waited);
        if (suggestion) records.suggestions++;
      });
      if (pace === undefined) await answer;
    }
    if (pace !== undefined) await sleep(pace);
  }
  await backend.settled();
  records.computed = ((await client.stats())?.computedTokens ?? 0) - computedBefore;
  return records;
}
