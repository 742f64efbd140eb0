import path from "node:path";
import { cleanEnvironment, runOrThrow } from "../harness/processes";
import type { LargeCost, LargeTask } from "./largeProcess";
import { gpt2LargeModel } from "./models";
import { printTable } from "./table";

const minutes = 60_000;

/** How GPT-2 large runs: int8 fits one heap, f32 is split, automatically and into more parts than needed. */
const tasks: readonly Omit<LargeTask, "threads" | "rounds">[] = [
  { precision: "int8", map: "auto" },
  { precision: "int8", map: "18,18" },
  { precision: "f32", map: "auto" },
  { precision: "f32", map: "12,12,12" },
];

/** A run of GPT-2 large with random weights. */
export interface LargeFigures extends LargeCost, LargeTask {}

/** Opens GPT-2 large (774M, random weights) in int8 and, split over several heaps, in f32, each time in a process of its own. */
export async function benchLarge({
  quick,
  only,
}: {
  readonly quick: boolean;
  readonly only: readonly string[];
}): Promise<{ large: LargeFigures[] }> {
  await gpt2LargeModel.file();
  const figures: LargeFigures[] = [];
  for (const threads of [1, 2]) {
    for (const options of tasks) {
      const task = { ...options, threads, rounds: quick ? 1 : 3 };
      if (only.length > 0 && !only.some((word) => nameOf(task).includes(word))) continue;
      const script = path.join(__dirname, "largeProcess.js");
      const argument = JSON.stringify(task);
      const output = await runOrThrow(process.execPath, [script, argument], {
        env: cleanEnvironment(),
        timeoutMs: 30 * minutes,
      });
      const cost = JSON.parse(output.trim().split("\n").at(-1) ?? "") as LargeCost;
      figures.push({ ...task, ...cost });
      console.log(nameOf(task), cost);
    }
  }
  printTable(
    "GPT-2 large, 774M",
    ["", "layers", "load s", "heaps MB", "open MB", "peak MB", "prefill 256 ms", "decode@32 ms", "decode@256 ms"],
    figures.map((one) => [
      nameOf(one),
      one.layers.join("+"),
      one.loadMs / 1000,
      ...[one.heapBytes, one.residentBytes, one.peakBytes].map((bytes) => bytes / 2 ** 20),
      ...[one.prefill256Ms, one.decode32Ms, one.decode256Ms],
    ]),
  );
  return { large: figures };
}

function nameOf({ precision, map, threads }: LargeTask): string {
  return `${precision} ${map} T${threads}`;
}
