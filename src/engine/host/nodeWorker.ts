import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import type { ModelDescription, ToHost, ToWorker } from "../protocol";
import { serve } from "../serve";
import { EngineService } from "../service";
import { nodePlatform } from "./nodePlatform";

/** Entry of the worker thread. */
if (!parentPort) throw new Error("This file is the entry of a worker thread.");
const port = parentPort;
const post = (message: ToHost) => port.postMessage(message);
const warn = (message: string) => post({ kind: "warning", message });
const onReopened = (description: ModelDescription) => post({ kind: "reopened", description });
const noGpu = "WebGPU, which the precisions int4 and f16 need, runs only with the setting gpt2.backend at webgpu.";
const platform = nodePlatform(join(__dirname, "ort"), __dirname, noGpu);
serve(new EngineService(platform, warn, onReopened).handlers, {
  post,
  onMessage: (listener) => void port.on("message", (message: ToWorker) => listener(message)),
});
