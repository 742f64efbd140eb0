import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { percentile } from "../eval/metrics";
import { cleanEnvironment, runOrThrow } from "../harness/processes";
import type { Opened } from "./loadProcess";
import type { BenchModel } from "./models";
import { nameOf, type Variant } from "./ours";

/** What opening a model costs. */
export interface Loading {
  readonly engine: string;
  readonly threads: number;
  /** Milliseconds from the file to the first step. */
  readonly loadMs: number;
  /** The same with the prepared weights on disk; undefined where they are not kept. */
  readonly againMs: number | undefined;
  /** Megabytes by which the process is larger with the model open, with and without prepared weights. */
  readonly residentMB: number;
  readonly residentAgainMB: number | undefined;
  /** Megabytes of the WebAssembly heap, and of what JavaScript holds besides. */
  readonly heapMB: number;
  readonly scriptMB: number;
}

/** Opens each variant `rounds` times, in turns, each time in a process of its own, whose memory nobody has used before. */
export async function timeLoading(
  model: BenchModel,
  variants: readonly Variant[],
  rounds: number,
  progress: (text: string) => void,
): Promise<Loading[]> {
  const file = await model.file();
  const folder = await mkdtemp(path.join(tmpdir(), "gpt2-bench-"));
  try {
    const samples = variants.map((variant) => ({ variant, opened: [] as Opened[], again: [] as Opened[] }));
    for (let round = 0; round < rounds; round++) {
      for (const { variant, opened, again } of samples) {
        progress(`loading ${nameOf(variant)} T${variant.threads}`);
        opened.push(await openInProcess(file, variant));
        if (variant.precision === "f32") continue;
        if (round === 0) await openInProcess(file, variant, folder);
        again.push(await openInProcess(file, variant, folder));
      }
    }
    return samples.map(({ variant, opened, again }) => {
      const median = (from: readonly Opened[], value: (one: Opened) => number) => percentile(from.map(value), 0.5);
      const prepared = again.length > 0;
      return {
        engine: nameOf(variant),
        threads: variant.threads,
        loadMs: median(opened, ({ ms }) => ms),
        againMs: prepared ? median(again, ({ ms }) => ms) : undefined,
        residentMB: median(opened, ({ resident }) => resident) / 2 ** 20,
        residentAgainMB: prepared ? median(again, ({ resident }) => resident) / 2 ** 20 : undefined,
        heapMB: median(opened, ({ heap }) => heap) / 2 ** 20,
        scriptMB: median(opened, ({ script }) => script) / 2 ** 20,
      };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Opens a model in a process of its own. @param cacheFolder where prepared weights are kept, or not at all */
export async function openInProcess(file: string, variant: Variant, cacheFolder?: string): Promise<Opened> {
  const script = path.join(__dirname, "loadProcess.js");
  const task = JSON.stringify({ file, variant, cacheFolder });
  const output = await runOrThrow(process.execPath, [script, task], { env: cleanEnvironment(), timeoutMs: 120_000 });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "") as Opened;
}
