/** Reads its own memory at each message and answers with the milliseconds that took. */
import { parentPort, workerData } from "node:worker_threads";
import { readLoopModule } from "./readLoop";

export interface ReaderTask {
  readonly bytes: number;
  readonly passes: number;
}

function main(): void {
  const { bytes, passes } = workerData as ReaderTask;
  const memory = new WebAssembly.Memory({ initial: bytes / 65536 });
  // A page that was never written is not there yet, and reading it would cost nothing.
  new Uint8Array(memory.buffer).fill(1);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readLoopModule), { env: { memory } });
  const read = exports["read"] as (end: number) => bigint;
  read(bytes);
  parentPort?.on("message", () => {
    const began = performance.now();
    for (let pass = 0; pass < passes; pass++) read(bytes);
    parentPort?.postMessage(performance.now() - began);
  });
  parentPort?.postMessage("ready");
}

main();
