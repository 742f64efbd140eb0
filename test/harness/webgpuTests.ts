/** Runs test/webgpu on a software driver, in Node and in a page of Chromium: `webgpuTests.js [--grep WORD]`; with `--grep`, in Node only. */
import { exitWith } from "./exit";
import { readGrep } from "./mochaFiles";
import { run } from "./processes";
import { type Counts, formatCounts, parseCounts } from "./results";
import { vulkanEnvironment } from "./vulkan";
import { runInPage } from "./webgpuPage";

/** For all of them together. */
const LIMIT_MS = 20 * 60_000;

/** Most of ONNX Runtime's 27 MB of WebAssembly is not needed here, and what is runs once. */
const FLAGS = ["--wasm-lazy-compilation", "--no-wasm-tier-up", "--enable-source-maps"];

async function runInNode(): Promise<Counts | undefined> {
  const env = await vulkanEnvironment();
  const args = [...FLAGS, "dist/test/harness/nodeTests.js", "webgpu", ...process.argv.slice(2)];
  const { output } = await run(process.execPath, args, { env, timeoutMs: LIMIT_MS, echo: true });
  // SwiftShader may crash while the process ends, after all tests: their counts decide.
  return parseCounts(output);
}

/** The counts of a host's tests, which count as one failure where they did not end. */
function countsOf(host: string, counts: Counts | undefined): Counts {
  if (!counts) console.error(`The tests on WebGPU ${host} did not end.`);
  return counts ?? { passed: 0, failed: 1 };
}

async function main(): Promise<number> {
  const began = performance.now();
  const inNode = countsOf("in Node", await runInNode());
  if (readGrep() !== undefined) {
    console.log(formatCounts(inNode));
    return inNode.failed === 0 && inNode.passed > 0 ? 0 : 1;
  }
  console.log("\n  In a page of Chromium:");
  const left = LIMIT_MS - (performance.now() - began);
  const inPage = countsOf("in Chromium", await runInPage(Math.max(1, left)));
  const total = { passed: inNode.passed + inPage.passed, failed: inNode.failed + inPage.failed };
  console.log(formatCounts(total));
  return total.failed === 0 && inNode.passed > 0 && inPage.passed > 0 ? 0 : 1;
}

exitWith(main());
