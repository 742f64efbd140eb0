/**
 * How fast the engine is, and how far from what the machine allows.
 *
 *     npm run bench                       decode, prefill, keystrokes, drafting, loading, memory
 *     npm run bench -- --peers            the same, with other engines in turns
 *     npm run bench -- --typing           writes source files key by key
 *     npm run bench -- --checkpoints      the twelve checkpoints on GPT-2 355M: time and memory
 *     npm run bench -- --index            the index of the workspace: building, looking up, memory
 *     npm run bench -- --soak 10000       random operations against an engine that recomputes everything
 *
 *     --quick        fewer rounds
 *     --only WORD    only models, engines and measures with this in their name; may be repeated, e.g. --only 124M --only "int8 T1"
 *     --json FILE    where the figures go (test-results/bench.json)
 *     --seed N       of the typing, the index and the soak
 *     --threads N    of the typing and the soak (0: as the extension chooses)
 *     --pace MS      of the typing: a key each so many milliseconds, answered or not (each key when the last is answered)
 */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { exitWith } from "../harness/exit";
import { benchCheckpoints } from "./checkpoints";
import { benchEngines } from "./engines";
import { describeMachine } from "./machine";
import { benchTyping } from "./typing";
import { benchSoak } from "./soak";
import { benchWorkspaceIndex } from "./workspaceIndex";

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      peers: { type: "boolean", default: false },
      typing: { type: "boolean", default: false },
      checkpoints: { type: "boolean", default: false },
      index: { type: "boolean", default: false },
      soak: { type: "string" },
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      json: { type: "string", default: "test-results/bench.json" },
      seed: { type: "string", default: "1" },
      threads: { type: "string", default: "0" },
      pace: { type: "string" },
    },
  });
  const machine = describeMachine();
  console.log(
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB; Node ${machine.node}, ${machine.platform}`,
  );
  const seed = Number(values.seed);
  const { quick } = values;
  const figures =
    values.soak !== undefined
      ? await benchSoak(Number(values.soak), seed, Number(values.threads))
      : values.typing
        ? await benchTyping({
            quick,
            seed,
            threads: Number(values.threads),
            pace: values.pace === undefined ? undefined : Number(values.pace),
          })
        : values.checkpoints
          ? await benchCheckpoints(values.only)
          : values.index
            ? await benchWorkspaceIndex({ quick, seed })
            : await benchEngines({ peers: values.peers, quick, only: values.only });
  await mkdir(path.dirname(path.resolve(values.json)), { recursive: true });
  await writeFile(
    values.json,
    `${JSON.stringify({ date: new Date().toISOString(), machine, ...figures }, undefined, 1)}\n`,
  );
  console.log(`\nFigures: ${values.json}`);
  return 0;
}

exitWith(main());
