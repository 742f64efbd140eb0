import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { threadCount } from "../ort/nodeOrtLoader";
import type { KernelThreads } from "./threads";

/** All that a thread does; as text, since it is nothing that could be bundled. */
const program = `
const { parentPort, workerData: { module, memory, plan, thread } } = require("node:worker_threads");
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
parentPort.postMessage("ready");
exports.work(plan, thread);
`;

/**
 * The kernels' threads in Node, as many as the cores suggest. A measurement would have nothing to find: no stage waits for a thread that
 * something else holds up, so more threads do not lose what they gain on a quiet machine when it is busy. Steps of the bundled model on two
 * cores, in turns, took on one, two and three threads 4.4, 2.2 and 2.4 ms in the mean with other work coming and going, 5.7, 4.1
 * and 2.7 with one more process that took all it got, and 8.1, 8.4 and 6.5 with two.
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
      await exit;
    };
  },
};
