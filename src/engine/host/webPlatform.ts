import { ModelFileError } from "../../formats/errors";
import { kernelsBackend } from "../../gpt2/backends/kernels/backend";
import { ortBackend } from "../../gpt2/backends/ort/model";
import { type OrtFiles, webOrtLoader } from "../../gpt2/backends/ort/webOrtLoader";
import { type EnginePlatform, filesFromBytes } from "../platform";

/** The engine's platform in a web worker. */
export function webPlatform(ort: OrtFiles): EnginePlatform {
  return {
    backends: [kernelsBackend(undefined), ortBackend(webOrtLoader(ort))],
    openFiles: (location) =>
      location.kind === "bytes"
        ? Promise.resolve(filesFromBytes(location))
        : Promise.reject(new ModelFileError(`${location.path} cannot be opened by path in a browser.`)),
    openCache: undefined,
    yieldToHost,
  };
}

const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

/** A message to oneself comes after those that wait already; unlike a timer it is not held back by the browser. */
function yieldToHost(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(undefined);
  });
}
