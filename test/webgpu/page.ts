import "mocha/mocha.js";
import { webGpu, webGpuLoader } from "../../src/gpt2/backends/webgpu/webGpuLoader";
import { useTestGpu } from "../fixtures/gpu";
import { reportTests } from "../harness/hostReporter";
import { formatCounts, runMocha } from "../harness/results";

async function readOrt(file: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(`/ort/${file}`)).arrayBuffer());
}

/** Runs the contract in a browser's page, and writes the counts to its console. */
async function run(): Promise<void> {
  useTestGpu({ load: webGpuLoader(readOrt), find: webGpu });
  mocha.setup({ ui: "bdd", reporter: Mocha.reporters.Base });
  await import("./tokenChooser");
  await import("./contractF32");
  await import("./contractInt8");
  await import("./likeliestInt8");
  console.log(formatCounts(await runMocha(mocha, reportTests)));
}

run().catch((error: unknown) => {
  console.error(String(error));
  console.log(formatCounts({ passed: 0, failed: 1 }));
});
