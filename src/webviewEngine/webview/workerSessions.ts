import { serveAssets } from "../../engine/host/assetPort";
import type { FileAnswer, NumberedRequest } from "../../engine/host/filePort";
import type { ToHost } from "../../engine/protocol";
import type { FromPage, ToPage } from "../protocol";

/** A worker of the page. */
export interface PageWorker {
  postMessage(message: unknown, transfer?: readonly (MessagePort | ArrayBuffer)[]): void;
  terminate(): void;
}

export interface WorkerEvents {
  readonly onMessage: (message: ToHost) => void;
  readonly onError: (reason: string) => void;
}

export interface WorkerSessionsOptions {
  /** Sends a message to the extension host. */
  readonly post: (message: FromPage) => void;
  /** Reads one of the extension's files, by its path below `dist`. */
  readonly readAsset: (path: string) => Promise<Uint8Array<ArrayBuffer>>;
  readonly startWorker: (script: Uint8Array<ArrayBuffer>, events: WorkerEvents) => PageWorker;
}

/** The worker that runs the engine, and the other end of the port through which it reads the model's files. */
interface Session {
  readonly worker: PageWorker;
  readonly files: MessagePort;
}

/** The workers of the page, one at a time: starts and stops them as the extension host says, and passes messages on. */
export class WorkerSessions {
  readonly #options: WorkerSessionsOptions;
  #session: Session | undefined;
  /** The number of the session that was asked for last; undefined once it was stopped. */
  #wanted: number | undefined;

  constructor(options: WorkerSessionsOptions) {
    this.#options = options;
  }

  receive(message: ToPage): void {
    if (message.kind === "start") void this.#start(message.session);
    else if (message.session !== this.#wanted) return;
    else if (message.kind === "stop") this.#stop();
    else if (!this.#session) return;
    else if (message.kind === "toWorker") this.#session.worker.postMessage(message.message);
    else this.#session.files.postMessage(message.answer, transferOf(message.answer));
  }

  async #start(number: number): Promise<void> {
    this.#stop();
    this.#wanted = number;
    const { post, readAsset, startWorker } = this.#options;
    const died = (reason: string) => post({ kind: "died", session: number, reason });
    try {
      const script = await readAsset("web/webviewWorker.js");
      if (this.#wanted !== number) return;
      const worker = startWorker(script, {
        onMessage: (message) => post({ kind: "fromWorker", session: number, message }),
        onError: died,
      });
      const files = new MessageChannel();
      files.port1.onmessage = ({ data }: MessageEvent<NumberedRequest>) =>
        post({ kind: "file", session: number, request: data });
      const assets = new MessageChannel();
      serveAssets(assets.port1, readAsset);
      worker.postMessage({ assets: assets.port2, files: files.port2 }, [assets.port2, files.port2]);
      this.#session = { worker, files: files.port1 };
      post({ kind: "started", session: number });
    } catch (error) {
      if (this.#wanted === number) died(String(error));
    }
  }

  #stop(): void {
    this.#wanted = undefined;
    this.#session?.worker.terminate();
    this.#session?.files.close();
    this.#session = undefined;
  }
}

/** Bytes go on to the worker without a copy. */
function transferOf(answer: FileAnswer): ArrayBuffer[] {
  if (!("value" in answer) || !(answer.value instanceof Uint8Array)) return [];
  const { buffer } = answer.value;
  return buffer instanceof ArrayBuffer ? [buffer] : [];
}
