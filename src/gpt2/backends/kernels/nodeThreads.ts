import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { threadCount } from "../ort/nodeOrtLoader";
import type { KernelThreads } from "./threads";

/** The program of a thread; as text, since it is not worth a bundle of its own. */
const program = `
const { parentPort, workerData: { module, memory, plan, thread } } = require("node:worker_threads");
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
parentPort.postMessage("ready");
exports.work(plan, thread);
`;

/** How long a thread may take to end before it is terminated, in ms: many times the longest step. */
const endLimit = 5_000;

/**
 * The kernels' threads in Node, one for each core. Their number is not measured at start: no stage waits for a thread that is preempted, so
 * more threads are not slower on a busy machine. Interleaved steps of the bundled model on two cores took 4.4, 2.2 and 2.4 ms on average
 * with one, two and three threads under a changing load, 5.7, 4.1 and 2.7 ms beside one busy process, and 8.1, 8.4 and 6.5 ms beside
 * two.
 */
export const nodeThreads: KernelThreads = {
  count: threadCount,
  start: async (module, memory, plan, thread) => {
    const worker = new Worker(program, { eval: true, workerData: { module, memory, plan, thread } });
    const exit = once(worker, "exit");
    await once(worker, "message");
    // It ends with the model; should nobody dispose that, the process need not wait for it.
    worker.unref();
    return async () => {
      worker.ref();
      // A thread that missed the end of the last step would keep the process alive.
      const late = setTimeout(() => void worker.terminate(), endLimit);
      await exit;
      clearTimeout(late);
    };
  },
};
