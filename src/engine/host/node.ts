import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { ModelFiles } from "../../formats/byteSource";
import { nodeModelFiles } from "../../formats/nodeFiles";
import type { BackendId } from "../../gpt2/languageModel";
import type { WorkerLink } from "../workerLink";
import type { EngineAssets } from "./assets";

export { readPowerSource } from "./nodePower";

/** Opens a model by its path; undefined in hosts without a file system. */
export const openPath: ((path: string) => Promise<ModelFiles>) | undefined = nodeModelFiles;

/** What the extension runs models on here. The npm package that brings WebGPU to Node is not part of it. */
export const hostBackends: readonly BackendId[] = ["kernels", "onnxruntime"];

/** Starts the engine in a worker thread. */
export function spawnEngine(assets: EngineAssets): Promise<WorkerLink> {
  return spawnWorker(assets, "worker.js", "gpt2-engine");
}

/** Starts a worker thread. @param script its file's name @param name shown by debuggers */
export function spawnWorker<Sent, Received>(
  assets: Pick<EngineAssets, "folder">,
  script: string,
  name: string,
): Promise<WorkerLink<Sent, Received>> {
  const worker = new Worker(join(assets.folder, script), { name });
  let disposed = false;
  return Promise.resolve({
    // Ports are for web workers.
    post: (message, transfer = []) => worker.postMessage(message, [...(transfer as readonly ArrayBuffer[])]),
    onMessage: (listener) => void worker.on("message", (message: Received) => listener(message)),
    onDeath: (listener) => {
      let reason: string | undefined;
      worker.on("error", (error: Error) => (reason = error.message));
      worker.once("exit", (code) => {
        if (!disposed) listener(reason ?? `its worker ended with code ${code}`);
      });
    },
    [Symbol.asyncDispose]: async () => {
      disposed = true;
      await worker.terminate();
    },
  });
}
