import type { FileAnswer, NumberedRequest } from "../engine/host/filePort";
import type { ToHost, ToWorker } from "../engine/protocol";

/** From the extension host to the page. A session is the life of one worker; what belongs to an older one is ignored. */
export type ToPage =
  /** Starts a worker, and ends the one before. */
  | { readonly kind: "start"; readonly session: number }
  | { readonly kind: "stop"; readonly session: number }
  | { readonly kind: "toWorker"; readonly session: number; readonly message: ToWorker }
  | { readonly kind: "file"; readonly session: number; readonly answer: FileAnswer };

/** From the page to the extension host. */
export type FromPage =
  /** The page has loaded, or has been reloaded: it has no worker. */
  | { readonly kind: "loaded" }
  | { readonly kind: "started"; readonly session: number }
  | { readonly kind: "fromWorker"; readonly session: number; readonly message: ToHost }
  | { readonly kind: "file"; readonly session: number; readonly request: NumberedRequest }
  | { readonly kind: "died"; readonly session: number; readonly reason: string };
