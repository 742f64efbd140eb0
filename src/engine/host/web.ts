import type { ModelFiles } from "../../formats/byteSource";
import type { OrtFiles } from "../../gpt2/backends/ort/webOrtLoader";
import type { ToHost } from "../protocol";
import type { WorkerLink } from "../workerLink";
import type { EngineAssets } from "./assets";

/** The first message to a web worker, which cannot read the extension's files itself. */
export interface WebWorkerStart {
  readonly ort: OrtFiles;
}

/** Opens a model by its path; undefined here, where there is no file system. */
export const openPath: ((path: string) => Promise<ModelFiles>) | undefined = undefined;

/** Starts the engine in a web worker (classic, from a blob: the extension's own origin is not the page's). */
export async function spawnEngine(assets: EngineAssets): Promise<WorkerLink> {
  const [script, glue, wasm] = await Promise.all([
    assets.read("web/worker.js"),
    assets.read("ort/ort-wasm-simd-threaded.mjs"),
    assets.read("ort/ort-wasm-simd-threaded.wasm"),
  ]);
  const url = URL.createObjectURL(new Blob([new Uint8Array(script)], { type: "text/javascript" }));
  const worker = new Worker(url, { name: "gpt2-engine" });
  worker.postMessage({ ort: { glue, wasm } } satisfies WebWorkerStart);
  return {
    post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
    onMessage: (listener) => (worker.onmessage = (event: MessageEvent<ToHost>) => listener(event.data)),
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
