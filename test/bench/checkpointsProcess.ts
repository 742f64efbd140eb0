/** Runs the checkpoints on a model in a process of its own and reports time and memory. Started by `checkpoints.ts` with a {@link CheckTask} as JSON. */
import path from "node:path";
import { checkModel } from "../../src/engine/checkModel";
import { nodePlatform } from "../../src/engine/host/nodePlatform";
import { openTappedModel } from "../../src/engine/openModel";
import type { Precision } from "../../src/gpt2/languageModel";
import { peakMemory } from "./peakMemory";

export interface CheckTask {
  readonly file: string;
  readonly precision: Precision;
}

export interface Checked {
  /** Checkpoints that passed. */
  readonly passed: number;
  readonly openMs: number;
  readonly checkMs: number;
  /** The most memory that the process had. */
  readonly peakBytes: number;
}

async function main({ file, precision }: CheckTask): Promise<void> {
  const platform = nodePlatform(path.resolve("dist/ort"));
  const location = { kind: "path", path: file } as const;
  const begin = performance.now();
  const options = { location, precision, threads: 0, cacheFolder: undefined };
  await using tapped = await openTappedModel(platform, options, console.error);
  const opened = performance.now();
  const { checkpoints } = await checkModel(
    tapped,
    {},
    { signal: new AbortController().signal, onProgress: () => undefined, pause: () => platform.yieldToHost() },
  );
  const checked: Checked = {
    passed: checkpoints.filter(({ status }) => status === "passed").length,
    openMs: opened - begin,
    checkMs: performance.now() - opened,
    peakBytes: peakMemory(),
  };
  console.log(JSON.stringify(checked));
}

main(JSON.parse(process.argv[2] ?? "") as CheckTask).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
