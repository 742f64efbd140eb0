import { setImmediate as nextTick } from "node:timers/promises";
import { nodeModelFiles } from "../../formats/nodeFiles";
import { nodeThreads } from "../../gpt2/backends/kernels/nodeThreads";
import { nodeGraphCache } from "../../gpt2/weights/nodePreparedWeightsCache";
import { nodeOrtLoader } from "../../gpt2/backends/ort/nodeOrtLoader";
import { type EnginePlatform, filesFromBytes } from "../platform";

/** The engine's platform in Node. @param ortFolder holds ONNX Runtime's files (`dist/ort`). */
export function nodePlatform(ortFolder: string): EnginePlatform {
  return {
    loadOrt: nodeOrtLoader(ortFolder),
    kernelThreads: nodeThreads,
    openFiles: (location) =>
      location.kind === "path" ? nodeModelFiles(location.path) : Promise.resolve(filesFromBytes(location)),
    openCache: (folder) => nodeGraphCache(folder),
    // After a turn of the event loop, messages that were waiting have been delivered.
    yieldToHost: () => nextTick(),
  };
}
