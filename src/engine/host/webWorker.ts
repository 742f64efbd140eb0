import type { ModelDescription, ToHost, ToWorker } from "../protocol";
import { serve } from "../serve";
import { EngineService } from "../service";
import type { WebWorkerStart } from "./web";
import { assetReader } from "./assetPort";
import { webPlatform } from "./webPlatform";

/** Entry of the web worker: the first message brings what it cannot read itself, all others are calls. */
self.onmessage = (start: MessageEvent<WebWorkerStart>) => {
  const post = (message: ToHost) => self.postMessage(message);
  const warn = (message: string) => post({ kind: "warning", message });
  const onReopened = (description: ModelDescription) => post({ kind: "reopened", description });
  serve(new EngineService(webPlatform(assetReader(start.data.assets)), warn, onReopened).handlers, {
    post,
    onMessage: (listener) => {
      self.onmessage = (event: MessageEvent<ToWorker>) => listener(event.data);
    },
  });
};
