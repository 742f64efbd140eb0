import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { defaultThreads } from "../nodeOrtLoader";
import type { KernelThreads } from "./threads";

/** All that a thread does; as text, since it is nothing that could be bundled. */
const program = `
const { parentPort, workerData: { module, memory, plan, thread } } = require("node:worker_threads");
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
parentPort.postMessage("ready");
exports.work(plan, thread);
`;

/** The kernels' threads in Node. */
export const nodeThreads: KernelThreads = {
  count: (wanted) => (wanted > 0 ? wanted : defaultThreads(availableParallelism())),
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
