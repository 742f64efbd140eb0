import type { ToHost } from "../../engine/protocol";
import type { FromPage, ToPage } from "../protocol";
import { type PageWorker, type WorkerEvents, WorkerSessions } from "./workerSessions";

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

const api = acquireVsCodeApi();
/** Address of the folder of the extension's built files. */
const dist = document.body.dataset["dist"] ?? "";

const sessions = new WorkerSessions({ post: (message) => api.postMessage(message), readAsset, startWorker });

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => sessions.receive(data));

api.postMessage({ kind: "loaded" });

function startWorker(script: Uint8Array<ArrayBuffer>, { onMessage, onError }: WorkerEvents): PageWorker {
  // A worker's script has to come from the page's own origin, and the extension's files have another.
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const worker = new Worker(url, { name: "gpt2-engine" });
  URL.revokeObjectURL(url);
  worker.onmessage = ({ data }: MessageEvent<ToHost>) => onMessage(data);
  worker.onerror = (event) => {
    event.preventDefault();
    onError(event.message || "its worker failed");
  };
  return {
    postMessage: (message, transfer = []) => worker.postMessage(message, [...transfer]),
    terminate: () => worker.terminate(),
  };
}

async function readAsset(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(`${dist}/${path}`);
  if (!response.ok) throw new Error(`${path} cannot be read: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
