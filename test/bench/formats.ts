import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { percentile } from "../eval/metrics";
import type { Gpt2Config } from "../../src/gpt2/config/config";
import { modelFormats, tensorsOf } from "../fixtures/modelFormats";
import { gpt2Small, randomWeights } from "../fixtures/syntheticModel";
import { openInProcess } from "./load";
import type { Opened } from "./loadProcess";
import { printTable } from "./table";

const models: readonly { readonly name: string; readonly config: Gpt2Config }[] = [
  { name: "124M", config: gpt2Small },
  {
    name: "355M",
    config: { ...gpt2Small, width: 1024, innerWidth: 4096, layers: 24, heads: 16, kvHeads: 16 },
  },
];

/** What opening a model from one file costs. */
interface FormatCost {
  readonly model: string;
  readonly format: string;
  readonly fileMB: number;
  /** Milliseconds from the file to the first step, in int8. */
  readonly loadMs: number;
  /** The most that the process took, and what it is larger by when the model is open. */
  readonly peakMB: number;
  readonly residentMB: number;
}

const variant = { precision: "int8", threads: 1, backend: "kernels" } as const;

/** Opens GPT-2 with random weights from a file of each format, each time in a process of its own. */
export async function benchFormats({
  quick,
  only,
}: {
  readonly quick: boolean;
  readonly only: readonly string[];
}): Promise<{ readonly formats: readonly FormatCost[] }> {
  const costs: FormatCost[] = [];
  const isWanted = (name: string) => only.length === 0 || only.some((word) => name.includes(word));
  for (const { name: model, config } of models) {
    for (const format of Object.keys(modelFormats)) {
      if (!isWanted(`${model} ${format}`)) continue;
      costs.push(await costOf(model, config, format, quick ? 1 : 3));
      console.log(`${model} ${format}: ${costs.at(-1)?.loadMs.toFixed(0)} ms`);
    }
  }
  printTable(
    "Opening in int8 with one thread",
    ["", "file MB", "load ms", "peak MB", "open MB"],
    costs.map(({ model, format, fileMB, loadMs, peakMB, residentMB }) => [
      `${model} ${format}`,
      ...[fileMB, loadMs, peakMB, residentMB],
    ]),
  );
  return { formats: costs };
}

async function costOf(model: string, config: Gpt2Config, format: string, rounds: number): Promise<FormatCost> {
  const folder = await mkdtemp(path.join(tmpdir(), "gpt2-formats-"));
  try {
    const fileMB = (await write(path.join(folder, "model"), config, format)) / 2 ** 20;
    const opened: Opened[] = [];
    for (let round = 0; round < rounds; round++) opened.push(await openInProcess(path.join(folder, "model"), variant));
    const median = (value: (one: Opened) => number) => percentile(opened.map(value), 0.5);
    return {
      ...{ model, format, fileMB, loadMs: median(({ ms }) => ms) },
      peakMB: median(({ peak }) => peak) / 2 ** 20,
      residentMB: median(({ resident }) => resident) / 2 ** 20,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns the bytes of the files with weights */
async function write(folder: string, config: Gpt2Config, format: string): Promise<number> {
  await mkdir(folder);
  const weights = randomWeights(config);
  const files = (await modelFormats[format]?.(weights, await tensorsOf(weights))) ?? {};
  const { vocabSize, contextLength, width, layers, heads } = config;
  const shape = { vocab_size: vocabSize, n_positions: contextLength, n_embd: width, n_layer: layers, n_head: heads };
  await writeFile(path.join(folder, "config.json"), JSON.stringify({ model_type: "gpt2", ...shape }));
  for (const [name, bytes] of Object.entries(files)) await writeFile(path.join(folder, name), bytes);
  return Object.values(files).reduce((sum, { length }) => sum + length, 0);
}
