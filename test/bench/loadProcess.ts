/** Opens a model in a process of its own and reports time and memory. Started by `load.ts` with a {@link LoadTask} as JSON. */
import { collectGarbage } from "./garbage";
import { openOurs, type Variant } from "./ours";
import { peakMemory } from "./peakMemory";

export interface LoadTask {
  readonly file: string;
  readonly variant: Variant;
  /** Where prepared weights are kept, or not at all. */
  readonly cacheFolder?: string;
}

/** Milliseconds, and bytes. */
export interface Opened {
  readonly ms: number;
  readonly resident: number;
  readonly heap: number;
  readonly script: number;
  /** The most that the process took, all of it. */
  readonly peak: number;
}

async function main(task: LoadTask): Promise<void> {
  const before = memoryWithoutGarbage();
  const model = { name: task.file, file: () => Promise.resolve(task.file) };
  await using engine = await openOurs(model, task.variant, task.cacheFolder);
  // What is allocated at the first steps belongs to it.
  await engine.prefill(128);
  await engine.decode(32, 1);
  const after = memoryWithoutGarbage();
  const opened: Opened = {
    ms: engine.loadMs,
    resident: after.rss - before.rss,
    heap: engine.heapBytes,
    script: after.heapUsed + after.external - before.heapUsed - before.external - engine.heapBytes,
    peak: peakMemory(),
  };
  console.log(JSON.stringify(opened));
}

function memoryWithoutGarbage(): NodeJS.MemoryUsage {
  collectGarbage();
  return process.memoryUsage();
}

main(JSON.parse(process.argv[2] ?? "") as LoadTask).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
