/**
 * How fast the engine is, and how far from what the machine allows.
 *
 *     npm run bench                       decode, prefill, keystrokes, drafting, loading, memory
 *     npm run bench -- --peers            the same, with other engines in turns
 *     npm run bench -- --typing           writes source files key by key
 *     npm run bench -- --checkpoints      the twelve checkpoints on GPT-2 355M: time and memory
 *     npm run bench -- --formats          opening GPT-2 from a file of each format: time and peak memory
 *     npm run bench -- --large            GPT-2 large in int8, and in f32 split over several heaps: time and memory
 *     npm run bench -- --storage          matrices in f32, f16, 8 and 4 bits on ONNX Runtime: time and memory
 *     npm run bench -- --gpu              a decode step on WebGPU: dispatches, bytes read back, time
 *     npm run bench -- --index            the index of the workspace: building, looking up, memory
 *     npm run bench -- --server URL       people who type on a server: throughput, latency (key: GPT2_SERVER_KEY)
 *     npm run bench -- --cancel           how fast generated texts are canceled, with GPT-2 355M too
 *     npm run bench -- --soak 10000       random operations against an engine that recomputes everything
 *
 *     --quick        fewer rounds
 *     --only WORD    only models, engines and measures with this in their name; may be repeated, e.g. --only 124M --only "int8 T1"
 *     --json FILE    where the figures go (test-results/bench.json)
 *     --seed N       of the typing, the index and the soak
 *     --threads N    of the typing and the soak (0: as the extension chooses)
 *     --people N, --seconds N, --server-kind K, --server-model M      of the server (32 people, 120 s)
 *     --record FILE  of the server: writes its exchanges down for the tests instead (needs --server-kind)
 *     --pace MS      of the typing: a key each so many milliseconds, answered or not (each key when the last is answered)
 */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { exitWith } from "../harness/exit";
import { benchCancelling } from "./cancelling";
import { benchCheckpoints } from "./checkpoints";
import { benchEngines } from "./engines";
import { benchFormats } from "./formats";
import { benchGpu } from "./gpu";
import { benchLarge } from "./large";
import { describeMachine } from "./machine";
import { runServerBench } from "./server/main";
import { benchTyping } from "./typing";
import { benchSoak } from "./soak";
import { benchStorage } from "./storage";
import { benchWorkspaceIndex } from "./workspaceIndex";

function readOptions() {
  return parseArgs({
    options: {
      peers: { type: "boolean", default: false },
      typing: { type: "boolean", default: false },
      checkpoints: { type: "boolean", default: false },
      formats: { type: "boolean", default: false },
      large: { type: "boolean", default: false },
      storage: { type: "boolean", default: false },
      gpu: { type: "boolean", default: false },
      index: { type: "boolean", default: false },
      cancel: { type: "boolean", default: false },
      soak: { type: "string" },
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      json: { type: "string", default: "test-results/bench.json" },
      seed: { type: "string", default: "1" },
      threads: { type: "string", default: "0" },
      pace: { type: "string" },
      server: { type: "string" },
      "server-kind": { type: "string" },
      "server-model": { type: "string" },
      people: { type: "string", default: "32" },
      seconds: { type: "string", default: "120" },
      record: { type: "string" },
    },
  }).values;
}

type Options = ReturnType<typeof readOptions>;

/** Runs what the options ask for. @returns its figures */
async function bench(values: Options): Promise<object> {
  const seed = Number(values.seed);
  const threads = Number(values.threads);
  const { quick } = values;
  if (values.server !== undefined) {
    return runServerBench({
      ...{ url: values.server, kind: values["server-kind"], model: values["server-model"], record: values.record },
      ...{ people: Number(values.people), seconds: Number(values.seconds), seed },
    });
  }
  if (values.soak !== undefined) return benchSoak(Number(values.soak), seed, threads);
  if (values.typing) {
    return benchTyping({ quick, seed, threads, pace: values.pace === undefined ? undefined : Number(values.pace) });
  }
  if (values.checkpoints) return benchCheckpoints(values.only);
  if (values.index) return benchWorkspaceIndex({ quick, seed });
  if (values.formats) return benchFormats({ quick, only: values.only });
  if (values.large) return benchLarge({ quick, only: values.only });
  if (values.storage) return benchStorage({ quick });
  if (values.gpu) return benchGpu(quick);
  if (values.cancel) return benchCancelling(quick, values.only);
  return benchEngines({ peers: values.peers, quick, only: values.only });
}

async function main(): Promise<number> {
  const values = readOptions();
  const machine = describeMachine();
  console.log(
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB; Node ${machine.node}, ${machine.platform}`,
  );
  const figures = await bench(values);
  await mkdir(path.dirname(path.resolve(values.json)), { recursive: true });
  await writeFile(
    values.json,
    `${JSON.stringify({ date: new Date().toISOString(), machine, ...figures }, undefined, 1)}\n`,
  );
  console.log(`\nFigures: ${values.json}`);
  return 0;
}

exitWith(main());
