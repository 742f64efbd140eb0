import { ModelFileError } from "../../formats/errors";
import { kernelsBackend } from "../../gpt2/backends/kernels/backend";
import { ortBackend } from "../../gpt2/backends/ort/backend";
import { webOrtLoader } from "../../gpt2/backends/ort/webOrtLoader";
import { webGpuBackend } from "../../gpt2/backends/webgpu/backend";
import { webGpu, webGpuLoader } from "../../gpt2/backends/webgpu/webGpuLoader";
import { type EnginePlatform, filesFromBytes } from "../platform";
import { browserProcessor } from "./browserProcessor";
import { yieldToHost } from "./webYield";

/**
 * The engine's platform in a web worker.
 * @param readAsset reads a file of the extension by its path below `dist`
 */
export function webPlatform(readAsset: (path: string) => Promise<Uint8Array>): EnginePlatform {
  const readOrt = (file: string) => readAsset(`ort/${file}`);
  return {
    backends: [
      kernelsBackend(undefined),
      ortBackend(webOrtLoader(readOrt)),
      webGpuBackend(webGpuLoader(readOrt), webGpu),
    ],
    processor: browserProcessor(),
    openFiles: (location) =>
      location.kind === "bytes"
        ? Promise.resolve(filesFromBytes(location))
        : Promise.reject(new ModelFileError(`${location.path} cannot be opened by path in a browser.`)),
    openCache: undefined,
    yieldToHost,
  };
}
