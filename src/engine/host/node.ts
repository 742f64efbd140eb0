import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { ModelFiles } from "../../formats/byteSource";
import { nodeModelFiles } from "../../formats/nodeFiles";
import type { WorkerLink } from "../workerLink";
import type { EngineAssets } from "./assets";

/** Opens a model by its path; undefined in hosts without a file system. */
export const openPath: ((path: string) => Promise<ModelFiles>) | undefined = nodeModelFiles;

/** Starts the engine in a worker thread. */
export function spawnEngine(assets: EngineAssets): Promise<WorkerLink> {
  return spawnWorker(assets, "worker.js", "gpt2-engine");
}

/** Starts a worker thread. @param script its file's name @param name shown by debuggers */
export function spawnWorker<Sent, Received>(
  assets: EngineAssets,
  script: string,
  name: string,
): Promise<WorkerLink<Sent, Received>> {
  const worker = new Worker(join(assets.folder, script), { name });
  let disposed = false;
  return Promise.resolve({
    post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
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
