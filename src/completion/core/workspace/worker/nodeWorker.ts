import { parentPort } from "node:worker_threads";
import type { ToIndexWorker } from "./protocol";
import { IndexService } from "./service";

/** Entry of the worker thread. */
if (!parentPort) throw new Error("This file is the entry of a worker thread.");
const port = parentPort;
const service = new IndexService((message) => port.postMessage(message));
port.on("message", (message: ToIndexWorker) => service.handle(message));
