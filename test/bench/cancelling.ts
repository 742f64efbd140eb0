import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalBackend } from "../../src/backend/localBackend";
import type { TextsRequest } from "../../src/backend/texts";
import { EngineClient } from "../../src/engine/client";
import { spawnEngine } from "../../src/engine/host/node";
import { seededRandom } from "../../src/generation/sampling/random";
import { bundledModel, gpt2MediumModel } from "./models";
import { printTable } from "./table";

interface Case {
  readonly name: string;
  readonly request: Omit<TextsRequest, "prompt">;
  /** UTF-16 units of the prompt. */
  readonly promptLength: number;
  /** The latest moment of cancelling, in ms after the request. */
  readonly latestMs: number;
}

const request = (texts: number): Case["request"] => ({
  maxTokens: 200,
  samplings: Array.from({ length: texts }, (_, seed) => ({ temperature: 1, topK: 0, topP: 1, seed })),
  stops: { contextEnd: "move" },
  alternatives: 10,
});

const cases: readonly Case[] = [
  { name: "one text", request: request(1), promptLength: 40, latestMs: 4000 },
  { name: "four texts", request: request(4), promptLength: 40, latestMs: 4000 },
  { name: "while a long prompt is read", request: request(1), promptLength: 2500, latestMs: 700 },
];

/** How long it takes until texts that are being written are canceled, as the form does it: through the worker, with every token. */
export async function benchCancelling(
  quick: boolean,
  only: readonly string[],
): Promise<{ readonly cancelling: object[] }> {
  const rows: { model: string; case: string; tokensPerSecond: number; messages: number; ms: number[] }[] = [];
  for (const model of [bundledModel, gpt2MediumModel]) {
    if (only.some((word) => !model.name.includes(word))) continue;
    const location = { kind: "path", path: await model.file() } as const;
    await using engine = new EngineClient({
      spawn: () => spawnEngine({ folder: path.resolve("dist"), read: () => Promise.reject(new Error("not read")) }),
      model: () => Promise.resolve({ location, precision: "int8", threads: 0, cacheFolder: undefined }),
      log: { info: () => undefined, warn: console.error, error: console.error },
    });
    const backend = new LocalBackend(engine);
    await backend.describe();
    for (const one of cases) {
      const figures = await measure(backend, one, quick ? 5 : 20);
      rows.push({ model: model.name, case: one.name, ...figures });
    }
  }
  printTable(
    "Canceling texts at a random moment: milliseconds until they have ended",
    ["model", "tokens/s", "messages", "median", "longest"],
    rows.map((row) => {
      const sorted = row.ms.toSorted((a, b) => a - b);
      const median = sorted[Math.floor(sorted.length / 2)];
      return [`${row.model}, ${row.case}`, row.tokensPerSecond, row.messages, median, sorted.at(-1)];
    }),
  );
  return { cancelling: rows };
}

async function measure(backend: LocalBackend, { request, promptLength, latestMs }: Case, rounds: number) {
  const random = seededRandom(3);
  const ms: number[] = [];
  let messages = 0;
  let tokens = 0;
  let decodeMs = 0;
  for (let round = 0; round < rounds; round++) {
    // A prompt of its own, so that nothing of it is in the cache.
    const prompt = Array.from({ length: promptLength }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join(
      "",
    );
    const stop = new AbortController();
    const running = backend.generateTexts({ ...request, prompt }, { signal: stop.signal, onGrowth: () => messages++ });
    await sleep(50 + random() * latestMs);
    const cancelled = performance.now();
    stop.abort();
    const { timings } = await running;
    ms.push(performance.now() - cancelled);
    tokens += timings.newTokens;
    decodeMs += timings.decodeMs;
  }
  return { ms, messages, tokensPerSecond: decodeMs > 0 ? (1000 * tokens) / decodeMs : 0 };
}
