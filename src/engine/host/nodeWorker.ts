import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import type { ToHost, ToWorker } from "../protocol";
import { serve } from "../serve";
import { EngineService } from "../service";
import { nodePlatform } from "./nodePlatform";

/** Entry of the worker thread. */
if (!parentPort) throw new Error("This file is the entry of a worker thread.");
const port = parentPort;
serve(new EngineService(nodePlatform(join(__dirname, "ort"))).handlers, {
  post: (message: ToHost) => port.postMessage(message),
  onMessage: (listener) => void port.on("message", (message: ToWorker) => listener(message)),
});
