import type { ToIndexWorker } from "./protocol";
import { IndexService } from "./service";

/** Entry of the web worker. */
const service = new IndexService((message) => self.postMessage(message));
self.onmessage = ({ data }: MessageEvent<ToIndexWorker>) => service.handle(data);
