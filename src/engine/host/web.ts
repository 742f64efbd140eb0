import type { ModelFiles } from "../../formats/byteSource";
import type { BackendId } from "../../gpt2/languageModel";
import type { ToHost, ToWorker } from "../protocol";
import type { WorkerLink } from "../workerLink";
import { serveAssets } from "./assetPort";
import type { EngineAssets } from "./assets";

export { readPowerSource } from "./webPower";

/** The first message to a web worker, which cannot read the extension's files itself. */
export interface WebWorkerStart {
  /** Reads them for it, see `assetPort.ts`. */
  readonly assets: MessagePort;
}

/** Opens a model by its path; undefined here, where there is no file system. */
export const openPath: ((path: string) => Promise<ModelFiles>) | undefined = undefined;

/** What the extension runs models on here. */
export const hostBackends: readonly BackendId[] = ["kernels", "onnxruntime", "webgpu"];

/** Starts the engine in a web worker. */
export async function spawnEngine(assets: EngineAssets): Promise<WorkerLink> {
  const link = await spawnWorker<ToWorker | WebWorkerStart, ToHost>(assets, "worker.js", "gpt2-engine");
  const { port1, port2 } = new MessageChannel();
  serveAssets(port1, (path) => assets.read(path));
  link.post({ assets: port2 }, [port2]);
  return link;
}

/**
 * Starts a web worker (classic, from a blob: the extension's own origin is not the page's).
 * @param script its file's name
 * @param name shown by debuggers
 */
export async function spawnWorker<Sent, Received>(
  assets: EngineAssets,
  script: string,
  name: string,
): Promise<WorkerLink<Sent, Received>> {
  const content = new Uint8Array(await assets.read(`web/${script}`));
  const url = URL.createObjectURL(new Blob([content], { type: "text/javascript" }));
  const worker = new Worker(url, { name });
  return {
    post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
    onMessage: (listener) => (worker.onmessage = (event: MessageEvent<Received>) => listener(event.data)),
    onDeath: (listener) => {
      worker.onerror = (event) => {
        event.preventDefault();
        worker.terminate();
        listener(event.message || "its worker failed");
      };
    },
    [Symbol.asyncDispose]: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
      return Promise.resolve();
    },
  };
}
