import path from "node:path";
import { runOrThrow } from "../harness/processes";
import { vulkanEnvironment } from "../harness/vulkan";
import type { GpuStepFigures } from "./gpuProcess";
import { printTable } from "./table";

/** What a decode step of the bundled model costs on WebGPU, by what comes back of its logits. In a process of its own: a driver is found as it starts. */
export async function benchGpu(quick: boolean): Promise<{ gpu: readonly GpuStepFigures[] }> {
  const figures: GpuStepFigures[] = [];
  for (const precision of ["f32", "int8"]) {
    const script = path.join(__dirname, "gpuProcess.js");
    const output = await runOrThrow(process.execPath, [script, precision, quick ? "8" : "32"], {
      env: await vulkanEnvironment(),
      timeoutMs: 15 * 60_000,
    });
    figures.push(...(JSON.parse(output.trim().split("\n").at(-1) ?? "") as readonly GpuStepFigures[]));
  }
  printTable(
    "A decode step on WebGPU",
    ["", "dispatches", "bytes read", "bytes written", "ms"],
    figures.map(({ name, dispatches, bytesRead, bytesWritten, ms }) => [name, dispatches, bytesRead, bytesWritten, ms]),
  );
  return { gpu: figures };
}
