import { webGpuBackend } from "../../gpt2/backends/webgpu/backend";
import { webGpu, webGpuLoader } from "../../gpt2/backends/webgpu/webGpuLoader";
import { type EnginePlatform, filesFromBytes } from "../platform";
import type { ModelDescription, ToHost, ToWorker } from "../protocol";
import { serve } from "../serve";
import { EngineService } from "../service";
import { assetReader } from "./assetPort";
import { FileClient } from "./filePort";
import { browserProcessor } from "./browserProcessor";
import { yieldToHost } from "./webYield";

/** The first message to the worker of a webview, which can read no files itself. */
export interface WebviewWorkerStart {
  /** Reads the extension's files, see `assetPort.ts`. */
  readonly assets: MessagePort;
  /** Reads the model's files, see `filePort.ts`. */
  readonly files: MessagePort;
}

/**
 * The engine's platform in a webview: WebGPU and nothing else, for the extension host's own worker computes faster than a webview's
 * without it.
 */
function webviewPlatform({ assets, files }: WebviewWorkerStart): EnginePlatform {
  const readAsset = assetReader(assets);
  const client = new FileClient(files);
  return {
    backends: [
      webGpuBackend(
        webGpuLoader((file) => readAsset(`ort/${file}`)),
        webGpu,
      ),
    ],
    processor: browserProcessor(),
    openFiles: (location) =>
      location.kind === "path" ? client.model(location.path) : Promise.resolve(filesFromBytes(location)),
    openCache: undefined,
    yieldToHost,
  };
}

/** Entry of the worker: all messages after the first are calls. */
self.onmessage = (start: MessageEvent<WebviewWorkerStart>) => {
  const post = (message: ToHost) => self.postMessage(message);
  const warn = (message: string) => post({ kind: "warning", message });
  const onReopened = (description: ModelDescription) => post({ kind: "reopened", description });
  serve(new EngineService(webviewPlatform(start.data), warn, onReopened).handlers, {
    post,
    onMessage: (listener) => {
      self.onmessage = (event: MessageEvent<ToWorker>) => listener(event.data);
    },
  });
};
