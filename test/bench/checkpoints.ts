import path from "node:path";
import { cleanEnvironment, runOrThrow } from "../harness/processes";
import type { Checked, CheckTask } from "./checkpointsProcess";
import { bundledModel, gpt2MediumModel } from "./models";
import { printTable } from "./table";

/** Runs the checkpoints on models with many weights, each in a process of its own, whose memory nobody has used before. */
export async function benchCheckpoints(only: readonly string[]): Promise<{ readonly checkpoints: object[] }> {
  const rows: (Checked & { readonly model: string; readonly precision: string })[] = [];
  for (const model of [bundledModel, gpt2MediumModel]) {
    for (const precision of ["int8", "f32"] as const) {
      if (only.some((word) => !`${model.name} ${precision}`.includes(word))) continue;
      const task: CheckTask = { file: await model.file(), precision };
      const script = path.resolve("dist/test/bench/checkpointsProcess.js");
      const output = await runOrThrow(process.execPath, [script, JSON.stringify(task)], {
        env: cleanEnvironment(),
        timeoutMs: 10 * 60_000,
      });
      rows.push({ model: model.name, precision, ...(JSON.parse(output.trim()) as Checked) });
    }
  }
  printTable(
    "The twelve checkpoints, the prompt “Hello.” and ten tokens",
    ["model", "passed", "opening s", "checks s", "peak MB"],
    rows.map(({ model, precision, passed, openMs, checkMs, peakBytes }) => {
      return [`${model} ${precision}`, passed, openMs / 1000, checkMs / 1000, peakBytes / 2 ** 20];
    }),
  );
  return { checkpoints: rows };
}
